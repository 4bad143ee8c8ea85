frappe.ui.form.on("Tracked Link", {
	refresh(frm) {
		if (frm.is_new()) return;
		add_buttons(frm);
		add_variant_test(frm);
		show_qr_code(frm);
		add_copy_button(frm);
	},
});

function add_buttons(frm) {
	frm.add_custom_button(__("Copy Short URL"), () =>
		frappe.utils.copy_to_clipboard(frm.doc.short_url)
	);
	frm.add_custom_button(__("Open", null, "Access"), () => window.open(frm.doc.short_url, "_blank", "noopener"));
	frm.add_custom_button(__("Share"), () => share(frm));
	// The page that a short URL with a + shows: where it leads, without a click.
	frm.add_custom_button(
		__("Preview Page"),
		() => window.open(`${frm.doc.short_url}+`, "_blank", "noopener"),
		__("View")
	);
	frm.add_custom_button(__("Statistics"), () => open_statistics(frm), __("View"));
	add_changes(frm);
}

function add_changes(frm) {
	if (frappe.model.can_create("Tracked Link")) {
		frm.add_custom_button(__("Duplicate"), () => duplicate(frm), __("Actions"));
	}
	if (!frm.perm[0].write) return;
	const [label, status] = frm.doc.status === "Active" ? [__("Pause"), "Paused"] : [__("Resume"), "Active"];
	frm.add_custom_button(label, () => set_status(frm, status), __("Actions"));
}

async function set_status(frm, status) {
	await frm.set_value("status", status);
	await frm.save();
}

async function duplicate(frm) {
	const name = await frappe.xcall("trackflow.api.links.duplicate", { link: frm.doc.name });
	frappe.show_alert({ message: __("This is the copy. It has a short code of its own."), indicator: "green" });
	frappe.set_route("Form", "Tracked Link", name);
}

// Phones offer their own ways to send an address on, most computers don't.
async function share(frm) {
	const { title, short_url: url } = frm.doc;
	if (!navigator.share) return frappe.utils.copy_to_clipboard(url);
	try {
		await navigator.share({ title, url });
	} catch (error) {
		if (error.name !== "AbortError") frappe.utils.copy_to_clipboard(url);
	}
}

function open_statistics(frm) {
	frappe.set_route("query-report", "Click Quality", { tracked_link: frm.doc.name });
}

// Beside the short URL itself, where one looks for it.
function add_copy_button(frm) {
	const $value = frm.get_field("short_url").$wrapper.find(".control-value");
	if ($value.find(".trackflow-copy").length) return;
	const title = __("Copy Short URL");
	$("<button>", { class: "btn btn-xs btn-default ml-2 trackflow-copy", title, "aria-label": title })
		.html(frappe.utils.icon("clipboard", "sm"))
		.on("click", () => frappe.utils.copy_to_clipboard(frm.doc.short_url))
		.appendTo($value);
}

async function add_variant_test(frm) {
	const { name } = frm.doc;
	const variants = await frappe.db.count("Campaign Link Variant", { filters: { tracked_link: name } });
	if (!variants || frm.doc.name !== name) return;
	frm.add_custom_button(__("Variant Test"), () =>
		frappe.set_route("query-report", "Variant Test", { tracked_link: name })
	);
}

function show_qr_code(frm) {
	const $image = $("<img>", {
		// As an image no script that the SVG might hold can run.
		src: "data:image/svg+xml;charset=utf-8," + encodeURIComponent(frm.doc.qr_code || ""),
		alt: __("QR code of {0}", [frm.doc.short_url]),
		width: 148,
		height: 148,
		class: "border rounded",
		css: { background: "white" },
	});
	const $downloads = $("<div>", { class: "ml-4" }).append(
		download_button(frm, "png", __("Download PNG")),
		download_button(frm, "svg", __("Download SVG")),
		$("<button>", { class: "btn btn-default btn-sm", text: __("Other Size...") }).on("click", () =>
			ask_for_qr_code(frm)
		)
	);
	frm.get_field("qr_preview")
		.$wrapper.empty()
		.append($("<div>", { class: "d-flex align-items-center mb-4" }).append($image, $downloads));
}

function download_button(frm, file_format, label) {
	const query = $.param({ link: frm.doc.name, file_format });
	const $button = $("<a>", {
		href: `/api/method/trackflow.api.links.qr_code?${query}`,
		class: "btn btn-default btn-sm",
		text: label,
	});
	return $("<p>").append($button);
}

function ask_for_qr_code(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Download QR Code"),
		fields: [
			{
				fieldname: "file_format",
				fieldtype: "Select",
				label: __("Format"),
				options: [
					{ value: "png", label: __("PNG, for screens and documents") },
					{ value: "svg", label: __("SVG, for print of any size") },
				],
				default: "png",
				reqd: 1,
			},
			{
				fieldname: "size",
				fieldtype: "Int",
				label: __("Width and Height in Pixels"),
				description: __("From 64 to 4096. A code 5 cm wide in print takes 600 pixels."),
				default: 600,
				reqd: 1,
			},
			{
				fieldname: "margin",
				fieldtype: "Int",
				label: __("Margin"),
				description: __("In modules, the small squares of the code. Scanners want 4."),
				default: frm.doc.qr_margin,
			},
		],
		primary_action_label: __("Download"),
		primary_action: async (values) => (await download_qr_code(frm, values)) && dialog.hide(),
	});
	dialog.show();
}

// Fetched rather than opened, so that what can't be drawn is explained here and not on a page of its own.
async function download_qr_code(frm, values) {
	const query = $.param({ link: frm.doc.name, ...values });
	const answer = await fetch(`/api/method/trackflow.api.links.qr_code?${query}`, {
		headers: { Accept: "application/json" },
	});
	if (!answer.ok) {
		frappe.request.cleanup({}, await answer.json());
		return false;
	}
	const address = URL.createObjectURL(await answer.blob());
	$("<a>", { href: address, download: `${frm.doc.short_code}.${values.file_format}` })[0].click();
	URL.revokeObjectURL(address);
	return true;
}
