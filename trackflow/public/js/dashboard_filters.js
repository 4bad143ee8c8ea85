frappe.provide("trackflow");

// The filters above the dashboard: days, where things came from, and the model that credits deals.
trackflow.DashboardFilters = class {
	constructor(page, changed) {
		this.page = page;
		this.changed = frappe.utils.debounce(changed, 200);
		const on = () => this.changed();
		this.fields = {
			period: this.add("period", __("Period"), "Select", trackflow.DashboardFilters.periods(), () => {
				this.toggle_days();
				this.changed();
			}),
			from_date: this.add("from_date", __("From Date"), "Date", null, on),
			to_date: this.add("to_date", __("To Date"), "Date", null, on),
			campaign: this.add("campaign", __("Campaign"), "Link", "Link Campaign", on),
			source: this.add("source", __("Source"), "Select", [], on),
			medium: this.add("medium", __("Medium"), "Select", [], on),
			channel: this.add("channel", __("Channel"), "Select", [], on),
			attribution_model: this.add("attribution_model", __("Attribution Model"), "Link", "Attribution Model", on),
		};
		this.fields.attribution_model.get_query = () => ({ filters: { is_active: 1 } });
		this.fields.period.set_input("30");
		this.toggle_days();
	}

	static periods() {
		return [
			{ value: "0", label: __("Today") },
			{ value: "7", label: __("Last 7 Days") },
			{ value: "30", label: __("Last 30 Days") },
			{ value: "90", label: __("Last 90 Days") },
			{ value: "month", label: __("This Month") },
			{ value: "last_month", label: __("Last Month") },
			{ value: "year", label: __("This Year") },
			{ value: "all", label: __("All Time") },
			{ value: "custom", label: __("Custom") },
		];
	}

	add(fieldname, label, fieldtype, options, change) {
		const field = this.page.add_field({ fieldname, label, fieldtype, options, change, placeholder: label });
		// Desk shows a placeholder only, which is gone once something is chosen.
		field.$input?.attr("aria-label", label);
		return field;
	}

	toggle_days() {
		const is_custom = this.fields.period.get_value() === "custom";
		["from_date", "to_date"].forEach((name) => $(this.fields[name].wrapper).toggle(is_custom));
	}

	// The first and last day, "" for no limit.
	days() {
		const today = frappe.datetime.get_today();
		const chosen = this.fields.period.get_value() || "30";
		if (chosen === "custom") {
			return [this.fields.from_date.get_value() || "", this.fields.to_date.get_value() || ""];
		}
		const last_month = frappe.datetime.add_months(frappe.datetime.month_start(), -1);
		const named = {
			0: [today, today],
			month: [frappe.datetime.month_start(), today],
			last_month: [last_month, frappe.datetime.add_days(frappe.datetime.month_start(), -1)],
			year: [frappe.datetime.year_start(), today],
			all: ["", ""],
		};
		return named[chosen] || [frappe.datetime.add_days(today, 1 - Number(chosen)), today];
	}

	values() {
		const [from_date, to_date] = this.days();
		const values = { from_date, to_date };
		["campaign", "source", "medium", "channel", "attribution_model"].forEach((name) => {
			values[name] = this.fields[name].get_value() || "";
		});
		return values;
	}

	// As reports take them: only what was chosen.
	links() {
		const values = this.values();
		const filtered = ["campaign", "source", "medium", "channel"].some((name) => values[name]);
		const chosen = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
		return { chosen, filtered };
	}

	// Filters that another page passes on; where it passes any, the others are empty.
	take(options) {
		if (Object.keys(options || {}).length) {
			["campaign", "source", "medium", "channel"].forEach((name) => this.fields[name].set_input(""));
		}
		Object.entries(options || {}).forEach(([name, value]) => this.fields[name]?.set_input(value));
		if (options?.from_date || options?.to_date) this.fields.period.set_input("custom");
		this.toggle_days();
	}

	// Fill the selects with what there is in the period, and keep what was chosen.
	offer(choices) {
		Object.entries(choices).forEach(([name, values]) => {
			const field = this.fields[name];
			const chosen = field.get_value() || "";
			const all = [...new Set([...values, ...(chosen ? [chosen] : [])])];
			field.df.options = [
				{ value: "", label: field.df.label },
				...all.map((value) => ({ value, label: name === "channel" ? __(value) : value })),
			];
			field.set_options?.(chosen);
			field.set_input(chosen);
		});
	}
};
