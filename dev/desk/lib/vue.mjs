// Vue's single-file components; their styles are put into the page when the component is loaded.
import fs from "node:fs";
import path from "node:path";

export const vuePlugin = (compiler, scss, names) => ({
	name: "vue",
	setup(build) {
		build.onLoad({ filter: /\.vue$/ }, ({ path: file }) => load(file, compiler, scss, names));
	},
});

function load(file, compiler, scss, names) {
	const { descriptor, errors } = compiler.parse(fs.readFileSync(file, "utf8"), { filename: file });
	if (errors.length) return { errors: errors.map((error) => ({ text: String(error) })) };
	const id = Buffer.from(path.relative(names.apps[names.engine], file)).toString("base64url").slice(-16);
	const component = { file, id, descriptor, scoped: descriptor.styles.some((style) => style.scoped) };
	const parts = [script(component, compiler), template(component, compiler)];
	if (component.scoped) parts.push(`component.__scopeId = "data-v-${id}";`);
	parts.push(style(component, compiler, scss), "export default component;");
	return { loader: "js", resolveDir: path.dirname(file), contents: parts.join("\n") };
}

const templateOptions = ({ id, scoped }) => ({ id, scoped, compilerOptions: { scopeId: scoped ? `data-v-${id}` : undefined } });

function script({ descriptor, id, scoped }, compiler) {
	if (!descriptor.script && !descriptor.scriptSetup) return "const component = {};";
	const inlineTemplate = Boolean(descriptor.scriptSetup);
	const options = { id, inlineTemplate, templateOptions: templateOptions({ id, scoped }) };
	return compiler.rewriteDefault(compiler.compileScript(descriptor, options).content, "component");
}

function template({ file, descriptor, id, scoped }, compiler) {
	if (!descriptor.template || descriptor.scriptSetup) return "";
	const options = { ...templateOptions({ id, scoped }), source: descriptor.template.content, filename: file };
	return `${compiler.compileTemplate(options).code}\ncomponent.render = render;`;
}

function style({ file, descriptor, id }, compiler, scss) {
	const css = descriptor.styles
		.map(({ lang, content, scoped }) => {
			const source = lang === "scss" ? scss.compile(content, file) : content;
			return compiler.compileStyle({ source, filename: file, id: `data-v-${id}`, scoped: Boolean(scoped) }).code;
		})
		.join("\n");
	if (!css.trim()) return "";
	return `document.head.append(Object.assign(document.createElement("style"), { textContent: ${JSON.stringify(css)} }));`;
}
