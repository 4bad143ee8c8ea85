frappe.views.calendar["Link Campaign"] = {
	field_map: {
		id: "name",
		start: "start_date",
		end: "end_date",
		title: "title",
		allDay: "all_day",
		// These are days, the same in all time zones.
		convertToUserTz: "convert_to_user_tz",
	},
	get_css_class: (campaign) => ({ Active: "success", Paused: "warning" }[campaign.status] || "default"),
	get_events_method: "trackflow.api.campaigns.calendar",
	options: {
		// The first day counts as one, whatever the time: a day that was moved is told in days.
		eventDrop(...told) {
			const { event, delta, revert } = calendar_change(told);
			const days = delta.asDays ? Math.round(delta.asDays()) : delta.days;
			change_campaign("trackflow.api.campaigns.move", { campaign: event.id, days }, revert);
		},
		eventResize(...told) {
			const { event, revert } = calendar_change(told);
			const args = { campaign: event.id, end_date: last_day(event) };
			change_campaign("trackflow.api.campaigns.end_on", args, revert);
		},
		select(...told) {
			const { first, last } = chosen_days(told);
			// One click on a day is no choice of days.
			if (first === last) return;
			const campaign = frappe.model.get_new_doc("Link Campaign");
			Object.assign(campaign, { start_date: first, end_date: last });
			frappe.set_route("Form", "Link Campaign", campaign.name);
		},
		eventDataTransform(event) {
			// Desk's green on pale green is too pale to be read by everybody; the ground is pale in the dark, too.
			event.textColor = "#222222";
			// Newer calendars take the end of a whole day for the first day that is not part of it.
			if (frappe.FullCalendar && event.end) event.end = frappe.datetime.add_days(event.end, 1);
			return event;
		},
	},
};

// Frappe 15 tells of (event, delta, revert), Frappe 16 of one object.
function calendar_change([told, delta, revert]) {
	return told.event ? told : { event: told, delta, revert };
}

function chosen_days([told, end]) {
	const days = told.view ? told : { start: told, end };
	return { first: day_of(days.startStr || days.start), last: last_day(days) };
}

// The calendar's end is the day after it.
const last_day = ({ end, endStr }) => frappe.datetime.add_days(day_of(endStr || end), -1);

const day_of = (day) => (day.clone ? day.clone().locale("en").format("YYYY-MM-DD") : day.slice(0, 10));

function change_campaign(method, args, revert) {
	frappe.model.remove_from_locals("Link Campaign", args.campaign);
	frappe.call({ method, args, error: revert });
}
