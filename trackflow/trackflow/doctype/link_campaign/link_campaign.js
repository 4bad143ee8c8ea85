frappe.ui.form.on("Link Campaign", {
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("QR Code Sheet"), () =>
			trackflow.ask_for_qr_sheet({
				method: "trackflow.api.campaigns.qr_sheet",
				args: { campaign: frm.doc.name },
				hint: __("All active links, with title and short URL, by title."),
				filename: `${frm.doc.campaign_id}.pdf`,
			})
		);
		if (!frappe.model.can_create("Tracked Link")) return;
		frm.add_custom_button(__("New Link"), () =>
			frappe.new_doc("Tracked Link", { campaign: frm.doc.name })
		);
		add_ways_to_make_links(frm);
		if (frappe.model.can_create("Link Campaign"))
			frm.add_custom_button(__("Duplicate with Links"), () => ask_for_copy(frm));
	},
});

function add_ways_to_make_links(frm) {
	const campaign = frm.doc.name;
	if (frappe.model.can_read("Link Template")) {
		const more = { campaign };
		frm.add_custom_button(
			__("From Template"),
			() => trackflow.new_link_from_template({ more }),
			__("More Links")
		);
	}
	if (frappe.model.can_create("Link Import")) {
		frm.add_custom_button(
			__("Import"),
			() => frappe.new_doc("Link Import", { campaign }),
			__("More Links")
		);
	}
}

function ask_for_copy(frm) {
	const dialog = new frappe.ui.Dialog({
		title: __("Duplicate {0} with Its Links", [frm.doc.name]),
		fields: copy_fields(frm),
		primary_action_label: __("Duplicate"),
		primary_action: (values) => make_copy(frm, dialog, values),
	});
	dialog.show();
}

function copy_fields(frm) {
	const { start_date } = frm.doc;
	return [
		{
			fieldname: "campaign_name",
			fieldtype: "Data",
			label: __("Campaign Name"),
			reqd: 1,
			default: __("{0} (copy)", [frm.doc.name]),
		},
		{
			fieldname: "campaign_id",
			fieldtype: "Data",
			label: __("Campaign ID"),
			description: __("Sent as utm_campaign. Made from the name when left empty."),
		},
		{
			fieldname: "start_date",
			fieldtype: "Date",
			label: __("New Start Date"),
			description: __("All dates of campaign and links move by as many days."),
			default: start_date,
			hidden: !start_date,
		},
		{
			fieldname: "shift_days",
			fieldtype: "Int",
			label: __("Move Dates of Links by Days"),
			default: 0,
			hidden: !!start_date,
		},
	];
}

async function make_copy(frm, dialog, values) {
	const moved = values.start_date && frappe.datetime.get_diff(values.start_date, frm.doc.start_date);
	const { message } = await frappe.call({
		method: "trackflow.api.campaigns.duplicate",
		args: {
			campaign: frm.doc.name,
			campaign_name: values.campaign_name,
			campaign_id: values.campaign_id || "",
			shift_days: moved || values.shift_days || 0,
		},
		freeze: true,
	});
	if (!message) return;
	dialog.hide();
	const text = message.in_background
		? __("{0} links are being copied. Reload the campaign to see how far it is.", [message.links])
		: __("{0} links were copied.", [message.links]);
	frappe.show_alert({ message: text, indicator: "green" });
	frappe.set_route("Form", "Link Campaign", message.campaign);
}
