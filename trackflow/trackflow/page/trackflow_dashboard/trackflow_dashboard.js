{% include "trackflow/public/js/trackflow_panels.js" %}
{% include "trackflow/public/js/dashboard_parts.js" %}
{% include "trackflow/public/js/dashboard_filters.js" %}

frappe.pages["trackflow-dashboard"].on_page_load = (wrapper) => {
	const page = frappe.ui.make_app_page({
		parent: wrapper,
		title: __("TrackFlow Dashboard"),
		single_column: true,
	});
	wrapper.trackflow_dashboard = new trackflow.Dashboard(page);
};

frappe.pages["trackflow-dashboard"].on_page_show = (wrapper) => wrapper.trackflow_dashboard?.show();

// One question to the server for all figures, one for what is happening now, which is asked again while one looks.
trackflow.Dashboard = class {
	constructor(page) {
		this.page = page;
		this.$body = $("<div>", { class: "trackflow-dashboard" }).appendTo(page.main);
		this.$status = $("<div>", { role: "status", class: "tfd-status" }).appendTo(this.$body);
		this.$now = $("<section>", { class: "tfd-now", "aria-labelledby": "tfd-now" }).appendTo(this.$body);
		this.$figures = $("<div>", { class: "tfd-figures" }).appendTo(this.$body);
		this.filters = new trackflow.DashboardFilters(page, () => this.follow());
		page.set_secondary_action(__("Refresh"), () => this.refresh(), "refresh");
		page.add_menu_item(__("Print"), () => window.print());
		page.add_menu_item(__("Export"), () => this.export());
		document.addEventListener("visibilitychange", () => this.watch());
	}

	show() {
		this.filters.take(frappe.route_options);
		frappe.route_options = null;
		this.refresh();
	}

	refresh() {
		this.load();
		this.watch();
	}

	// Desk tells of a choice twice, half a second apart.
	follow() {
		if (JSON.stringify(this.filters.values()) !== JSON.stringify(this.asked)) this.load();
	}

	async load() {
		const asked = (this.asked = this.filters.values());
		if (!asked) return;
		this.say(__("Loading ..."));
		let answer;
		try {
			answer = await frappe.xcall("trackflow.api.dashboard.figures", asked);
		} catch {
			// Frappe has shown why.
			if (asked === this.asked) this.fail();
			return;
		}
		// Somebody may have chosen something else meanwhile.
		if (asked === this.asked) this.draw(answer);
	}

	draw(answer) {
		this.answer = answer;
		this.filters.offer(answer.choices);
		this.say("");
		const parts = trackflow.dashboard;
		const about = { ...this.filters.links(), model: answer.model };
		this.$figures.empty();
		if (!Object.values(answer.total).some(Boolean)) {
			return parts.empty(this.$figures, Boolean(about.filtered));
		}
		this.$figures.append(parts.numbers(answer, about), parts.days(answer), parts.tables(answer, about));
	}

	fail() {
		this.$figures.empty();
		this.say(__("The figures could not be loaded."), () => this.refresh());
	}

	// What a screen reader should hear, with a button to try again where that makes sense.
	say(text, again) {
		this.$status.empty().text(text).toggle(Boolean(text));
		if (!again) return;
		const $again = $("<button>", { class: "btn btn-default btn-sm ml-3", text: __("Try Again") });
		this.$status.append($again.on("click", again));
	}

	is_looked_at() {
		return !document.hidden && frappe.get_route()[0] === "trackflow-dashboard";
	}

	async watch() {
		clearTimeout(this.timer);
		if (!this.is_looked_at()) return;
		try {
			const answer = await frappe.xcall("trackflow.api.dashboard.now");
			trackflow.dashboard.now(this.$now, answer);
		} catch {
			this.$now.empty();
		}
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.watch(), 15000);
	}

	export() {
		if (!this.answer) return;
		const name = `trackflow-${this.answer.period.filter(Boolean).join("-")}`;
		frappe.tools.downloadify(trackflow.dashboard.export_rows(this.answer), null, name);
	}
};
