frappe.ui.form.on("Tracked Link", {
	refresh(frm) {
		if (frm.is_new()) return;
		add_buttons(frm);
		add_variant_test(frm);
		show_qr_code(frm);
	},
});

function add_buttons(frm) {
	frm.add_custom_button(__("Copy Short URL"), () =>
		frappe.utils.copy_to_clipboard(frm.doc.short_url)
	);
	frm.add_custom_button(__("Open"), () => window.open(frm.doc.short_url, "_blank", "noopener"));
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
		download_button(frm, "svg", __("Download SVG"))
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
