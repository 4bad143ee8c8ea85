frappe.ui.form.on("TrackFlow Settings", {
	refresh(frm) {
		add_test(frm, "proxies_test", __("How Is My Address Seen?"), test_proxies);
		add_test(frm, "ranges_test", __("Is My Address Internal?"), test_ranges);
		add_test(frm, "geoip_test", __("Test the Database"), test_database);
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
		.append($("<div>", { class: "mb-4" }).append($button, $answer));
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
