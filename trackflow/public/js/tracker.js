// TrackFlow's tracker: tells the site that it was loaded from which pages of this website are seen.
// Pages may call trackflow.consent(true or false), and trackflow.visitor() for the id to send along with a form.
(function () {
	"use strict";
	if (window.trackflow) return;
	const script = document.currentScript || document.querySelector('script[src*="/trackflow/js/tracker.js"]');
	if (!script) return;
	const endpoint = new URL("/api/method/trackflow.api.tracker.page_view", script.src);
	const is_own = endpoint.origin === location.origin;
	const [VISITOR, CONSENT, OPT_OUT] = ["trackflow_visitor", "trackflow_consent", "trackflow_opt_out"];
	const CONSENT_DAYS = 180;
	let visitor = "";
	let before = document.referrer;
	let last = null;
	// Whether an id could be kept if the visitor agreed.
	let asks = false;
	// One after the other: the answer to the first view says who the second one is of.
	let sent = Promise.resolve();

	// Whatever goes wrong here, the page goes on.
	function note(error) {
		console.debug("TrackFlow:", error);
	}

	function quietly(work) {
		return (...args) => {
			try {
				return work(...args);
			} catch (error) {
				note(error);
			}
		};
	}

	function read(name) {
		const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
		return found ? found.slice(name.length + 1) : "";
	}

	function write(name, value, days) {
		const secure = location.protocol === "https:" ? "; Secure" : "";
		document.cookie = `${name}=${value}; Path=/; Max-Age=${days * 86400}; SameSite=Lax${secure}`;
	}

	// A short link may have handed the visitor over. The id must not stay in an address that people pass on.
	function take_visitor() {
		const id = new URLSearchParams(location.search).get("tf_visitor");
		if (id === null) return "";
		const kept = location.search.slice(1).split("&").filter((pair) => !pair.startsWith("tf_visitor="));
		const query = kept.length ? `?${kept.join("&")}` : "";
		history.replaceState(history.state, "", location.origin + location.pathname + query + location.hash);
		return /^v_[0-9a-f]{32}$/.test(id) ? id : "";
	}

	function view() {
		last = { url: location.href, referrer: before };
		before = location.href;
		tell(last);
	}

	function tell(page) {
		sent = sent.then(() => send(page)).catch(note);
	}

	async function send(page) {
		if (read(OPT_OUT)) return;
		const says_no = navigator.globalPrivacyControl || [navigator.doNotTrack, window.doNotTrack].includes("1");
		const told = new URLSearchParams({ ...page, title: document.title, visitor, consent: read(CONSENT) });
		if (says_no) told.set("says_no", "1");
		// For those who are logged in to the site. Nothing of this makes a browser ask for permission first.
		if (is_own && window.frappe && frappe.csrf_token) told.set("csrf_token", frappe.csrf_token);
		const credentials = is_own ? "same-origin" : "omit";
		const answer = await fetch(endpoint, { method: "POST", body: told, keepalive: true, credentials });
		hear(answer.status === 200 ? await answer.json() : {});
	}

	function hear(said) {
		asks = Boolean(said.asks);
		if (said.visitor === undefined) return;
		visitor = said.visitor;
		write(VISITOR, visitor, visitor ? said.days : 0);
	}

	function consent(yes) {
		write(CONSENT, yes ? "granted" : "denied", CONSENT_DAYS);
		if (yes) {
			// The page was told of, but nobody's: now it is known whose it is.
			sent = sent.then(() => asks && send(last)).catch(note);
			return;
		}
		visitor = "";
		if (!is_own) write(VISITOR, "", 0);
	}

	// ---------------------------------------------------------------- when a page is seen

	let path = null;
	function moved() {
		if (location.pathname === path) return;
		path = location.pathname;
		view();
	}

	// Pages that change without being loaded; they write their title a moment after the address.
	function follow_history() {
		const later = () => setTimeout(quietly(moved), 50);
		for (const name of ["pushState", "replaceState"]) {
			const original = history[name];
			history[name] = function (...args) {
				const result = original.apply(this, args);
				later();
				return result;
			};
		}
		window.addEventListener("popstate", later);
		// The browser had the page in memory.
		window.addEventListener("pageshow", (event) => event.persisted && quietly(view)());
	}

	const start = quietly(() => {
		visitor = take_visitor() || (is_own ? "" : read(VISITOR));
		moved();
		follow_history();
	});

	window.trackflow = { consent: quietly(consent), visitor: quietly(() => (is_own ? "" : read(VISITOR))) };
	// Titles, and the token for those who are logged in, may stand further below.
	function start_when_read() {
		if (document.readyState !== "loading") start();
		else document.addEventListener("DOMContentLoaded", start, { once: true });
	}
	// A page that is only being prepared has not been seen.
	if (document.prerendering) document.addEventListener("prerenderingchange", start_when_read, { once: true });
	else start_when_read();
})();
