// Sass as Frappe's bundles use it: "~package/file", "<app>/public/...", and plain CSS files that are to be inlined.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

// Sass leaves an @import of a .css file for the browser; the mark makes it come to our importer.
const MARK = "!";
const markCss = (source) => source.replace(/(@import\s+["'][^"']+)\.css(["'])/g, `$1.css${MARK}$2`);

export class Scss {
	constructor(sass, names) {
		this.sass = sass;
		this.importer = {
			canonicalize: (url) => {
				if (url.startsWith("file:")) return existing(fileURLToPath(url));
				const name = url.replace(/^~/, "");
				return existing(names.inApp(name) ?? names.inPackage(name));
			},
			load: (url) => {
				const source = fs.readFileSync(url, "utf8");
				return url.pathname.endsWith(".css")
					? { contents: source, syntax: "css" }
					: { contents: markCss(source), syntax: "scss" };
			},
		};
	}

	compile(source, file) {
		return this.sass.compileString(markCss(source), {
			url: pathToFileURL(file),
			syntax: "scss",
			importer: this.importer,
			importers: [this.importer],
			logger: this.sass.Logger.silent,
		}).css;
	}
}

function existing(file) {
	const folder = path.dirname(file);
	const base = path.basename(file);
	const candidates = base.endsWith(MARK)
		? [base.slice(0, -MARK.length)]
		: [base, `${base}.scss`, `_${base}.scss`, `_${base}`, `${base}.css`, `${base}/_index.scss`, `${base}/index.scss`];
	const found = candidates.map((name) => path.join(folder, name)).find((name) => /\.s?css$/.test(name) && fs.existsSync(name));
	return found ? pathToFileURL(found) : null;
}
