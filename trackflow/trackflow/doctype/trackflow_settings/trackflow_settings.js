frappe.ui.form.on("TrackFlow Settings", {
	refresh(frm) {
		add_test(frm, "proxies_test", __("How Is My Address Seen?"), test_proxies);
		add_test(frm, "ranges_test", __("Is My Address Internal?"), test_ranges);
		add_test(frm, "geoip_test", __("Test the Database"), test_database);
		show_snippet(frm);
		add_test(frm, "tracker_test", __("Do Page Views Arrive?"), test_tracker);
	},
});

// A button, and below it what was found. What is tested is what stands in the form, saved or not.
function add_test(frm, fieldname, label, test) {
	const $answer = $("<div>", { class: "small mt-2", role: "status" });
	const $button = $("<button>", { class: "btn btn-default btn-xs", text: label }).on("click", async () => {
		$button.prop("disabled", true);
		$answer.empty().removeClass("text-success text-danger");
		try {
			const { text, html, is_good } = await test(frm);
			// Sentences about what was refused come escaped.
			html ? $answer.html(html) : $answer.text(text);
			$answer.addClass(is_good ? "text-success" : "text-danger");
		} finally {
			$button.prop("disabled", false);
		}
	});
	frm.get_field(fieldname)
		.$wrapper.empty()
		.append($("<div>", { class: "mb-4 trackflow-panel" }).append($button, $answer));
}

function ask_for_address(frm) {
	return frappe.xcall("trackflow.api.settings.seen_address", {
		trusted_proxies: frm.doc.trusted_proxies || "",
		internal_ranges: (frm.doc.internal_ip_ranges || []).map((row) => row.ip_range || ""),
	});
}

async function test_proxies(frm) {
	const { address, peer, is_trusted, problem } = await ask_for_address(frm);
	if (problem) return { html: problem, is_good: false };
	if (address !== peer) {
		const text = __("Your address is seen as {0}, as the proxy {1} says.", [address, peer]);
		return { text, is_good: true };
	}
	const why = is_trusted
		? __("That is a trusted proxy which names nobody else, or you sit at the server itself.")
		: __("It holds the connection. If it is a proxy of yours, enter it above.");
	return { text: `${__("Your address is seen as {0}.", [address])} ${why}`, is_good: !is_trusted };
}

async function test_ranges(frm) {
	const { address, is_internal, problem } = await ask_for_address(frm);
	if (problem) return { html: problem, is_good: false };
	const text = is_internal
		? __("Your address {0} is internal: your clicks are not counted.", [address])
		: __("Your address {0} is in none of these ranges: your clicks are counted.", [address]);
	return { text, is_good: true };
}

async function test_database(frm) {
	const database = frm.doc.geoip_database || "";
	const { address, country, problem } = await frappe.xcall("trackflow.api.settings.known_country", { database });
	if (problem) return { html: problem, is_good: false };
	return { text: __("{0} is seen as {1}.", [address, country]), is_good: true };
}

// What to put into the pages of other websites, and where.
async function show_snippet(frm) {
	const { snippet } = await frappe.xcall("trackflow.api.tracker.status");
	const where = __("Copy this into each page of these websites, at the end of its head, or once into the template that they share.");
	const $button = $("<button>", { class: "btn btn-default btn-xs", text: __("Copy") });
	$button.on("click", () => frappe.utils.copy_to_clipboard(snippet));
	frm.get_field("embed_snippet")
		.$wrapper.empty()
		.addClass("trackflow-panel")
		.append(
			$("<label>", { class: "control-label", text: __("Embed Snippet") }),
			$("<pre>", { class: "small", style: "white-space: pre-wrap; word-break: break-all", text: snippet }),
			$("<div>", { class: "mb-3" }).append($button, $("<p>", { class: "help-box small text-muted mt-2", text: where })),
		);
}

async function test_tracker() {
	const { last, refused, waiting } = await frappe.xcall("trackflow.api.tracker.status");
	const said = [];
	if (last) said.push(__("The last page view came {0} ago from {1}.", [duration(last.seconds), last.page_url]));
	else said.push(__("No page view has come yet. Put the snippet into a page, open it, and ask again."));
	if (waiting) said.push(__("Page views that wait to be written: {0}.", [waiting]));
	// It may have been let in since.
	const is_turned_away = refused && (!last || refused.seconds < last.seconds);
	if (is_turned_away) {
		said.push(__("{0} was turned away {1} ago: it is not among the websites.", [refused.origin, duration(refused.seconds)]));
	}
	return { text: said.join(" "), is_good: Boolean(last) && !is_turned_away };
}

function duration(seconds) {
	if (seconds < 120) return __("{0} seconds", [seconds]);
	if (seconds < 7200) return __("{0} minutes", [Math.floor(seconds / 60)]);
	return seconds < 172800 ? __("{0} hours", [Math.floor(seconds / 3600)]) : __("{0} days", [Math.floor(seconds / 86400)]);
}
