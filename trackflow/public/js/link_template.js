// Inputs for the variables of a link template and, below them, the URL that they make as one types.
frappe.provide("trackflow");

trackflow.TemplateInputs = class {
	// `template` is {url_template, variables}; `on_url` hears of each answer: the URL, or "" if there are errors.
	constructor({ parent, template, values, on_url }) {
		this.template = template;
		this.on_url = on_url || (() => {});
		this.asked = 0;
		this.draw($(parent).empty().addClass("trackflow-panel"), values || {});
		this.ask();
	}

	draw($parent, values) {
		const $inputs = $("<div>").appendTo($parent);
		this.$answer = $("<div>", { class: "trackflow-template-answer mt-2 mb-4" }).appendTo($parent);
		this.group = new frappe.ui.FieldGroup({
			fields: named_variables(this.template).map((variable) => this.field_of(variable, values)),
			body: $inputs,
		});
		this.group.make();
		const ask = frappe.utils.debounce(() => this.ask(), 300);
		$inputs.on("input change", "input, select", ask);
	}

	field_of(variable, values) {
		const rules = read_rules(variable);
		const choices = Array.isArray(rules.choices) ? rules.choices : [];
		return {
			fieldname: `value_${variable.variable_name}`,
			fieldtype: { Date: "Date", Choice: "Select" }[variable.variable_type] || "Data",
			label: variable.variable_name,
			description: frappe.utils.escape_html(variable.description || ""),
			options: variable.variable_type === "Choice" ? ["", ...choices] : undefined,
			reqd: rules.required ? 1 : 0,
			default: values[variable.variable_name] || variable.default_value,
			// The date picker tells of a choice in this way only.
			change: () => this.ask(),
		};
	}

	values() {
		const entries = named_variables(this.template).map(({ variable_name }) => [
			variable_name,
			this.group.get_value(`value_${variable_name}`) || "",
		]);
		return Object.fromEntries(entries);
	}

	ask() {
		if (!this.group) return;
		const number = ++this.asked;
		const values = this.values();
		return frappe
			.xcall("trackflow.api.templates.preview", {
				url_template: this.template.url_template || "",
				variables: named_variables(this.template),
				values,
			})
			.then((answer) => {
				// An older answer may come after a newer one.
				if (number === this.asked) this.show(answer, values);
			});
	}

	show(answer, values) {
		// The sentences come escaped.
		const wrong = [...answer.problems, ...Object.values(answer.errors)];
		this.$answer.empty();
		if (answer.url) {
			this.$answer.append(
				$("<div>", { class: "text-muted small", text: __("Destination URL") }),
				$("<code>", { text: answer.url, css: { wordBreak: "break-all" } })
			);
		}
		wrong.forEach((sentence) => this.$answer.append($("<p>", { class: "text-danger", html: sentence })));
		this.on_url(answer.url, values);
	}
};

// Ask for a template and its values; `done` gets the fields of the new link.
trackflow.link_from_template = function ({ link_template, values, done }) {
	let fields = null;
	const dialog = new frappe.ui.Dialog({
		title: __("Link from Template"),
		fields: [
			{
				fieldname: "link_template",
				fieldtype: "Link",
				options: "Link Template",
				label: __("Link Template"),
				reqd: 1,
				get_query: () => ({ filters: { is_active: 1 } }),
				change: () => choose(dialog.get_value("link_template")),
			},
			{ fieldname: "inputs", fieldtype: "HTML" },
		],
		primary_action_label: __("Create Link"),
		primary_action() {
			if (!fields) return;
			dialog.hide();
			done(fields);
		},
	});
	let chosen = null;

	function choose(name) {
		if (name === chosen) return;
		chosen = name;
		take("");
		$(dialog.get_field("inputs").wrapper).empty();
		if (name) frappe.db.get_doc("Link Template", name).then((template) => name === chosen && draw(template));
	}

	function draw(template) {
		new trackflow.TemplateInputs({
			parent: dialog.get_field("inputs").wrapper,
			template,
			values,
			on_url: take,
		});
	}

	function take(url, given) {
		fields = url && {
			destination_url: url,
			link_template: chosen,
			template_values: JSON.stringify(given),
		};
		dialog.get_primary_btn().prop("disabled", !url);
	}

	dialog.show();
	take("");
	if (link_template) dialog.set_value("link_template", link_template);
	return dialog;
};

// `more`: fields that the new link has besides.
trackflow.new_link_from_template = ({ more, ...options }) =>
	trackflow.link_from_template({ ...options, done: (fields) => open_new_link({ ...more, ...fields }) });

// Not frappe.new_doc, which gives some kinds of fields only.
function open_new_link(fields) {
	frappe.model.with_doctype("Tracked Link", () => {
		const link = Object.assign(frappe.model.get_new_doc("Tracked Link"), fields);
		frappe.set_route("Form", link.doctype, link.name);
	});
}

function named_variables(template) {
	return (template.variables || []).filter((variable) => variable.variable_name);
}

function read_rules(variable) {
	try {
		return JSON.parse(variable.validation_rules || "{}") || {};
	} catch {
		// The answer of the server says what is wrong with them.
		return {};
	}
}
