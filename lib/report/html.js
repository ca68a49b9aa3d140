/* Sorting and filtering of the table. The page is whole without this; what
 * it adds are controls, and it keeps all but the first rows out of the
 * document, so that many thousands cost nothing until somebody wants them.
 * Text goes in as text, never as markup. */
"use strict";
(() => {
	const root = document.documentElement;
	const page = 500;
	const printed = 5000;
	const ranks = ["infected", "blocked", "spam", "error", "incomplete",
	    "encrypted", "clean", "skipped"];
	const collator = new Intl.Collator("en", { numeric: true });
	const state = { words: [], verdicts: new Set(), column: -1,
	    descending: false, limit: page };
	let rows = [], shown = [], texts = null;
	let table, body, heads, status, more;

	root.classList.add("js", "loading");

	function make(name, text, parent) {
		const element = document.createElement(name);

		element.textContent = text;
		if (parent)
			parent.append(element);
		return element;
	}

	function button(text, parent, action) {
		const element = make("button", text, parent);

		element.type = "button";
		element.addEventListener("click", action);
		return element;
	}

	function number(n) {
		return n.toLocaleString("en");
	}

	function verdict(row) {
		return row.cells[0].textContent;
	}

	/* Made when somebody filters for the first time. */
	function text(index) {
		if (!texts)
			texts = rows.map((row) => Array.from(row.cells,
			    (cell) => cell.textContent).join("\n").
			    toLowerCase());
		return texts[index];
	}

	function matches(row, index) {
		if (state.verdicts.size > 0 &&
		    !state.verdicts.has(verdict(row)))
			return false;
		return state.words.length === 0 ||
		    state.words.every((word) => text(index).includes(word));
	}

	/* Rows that are equal keep the order in which they came. */
	function sorted(list) {
		const sign = state.descending ? -1 : 1;
		const column = state.column;

		if (column < 0)
			return list;
		const keyed = list.map((row, index) => ({ row, index,
		    key: column === 0 ? ranks.indexOf(verdict(row)) :
		    row.cells[column].textContent }));
		keyed.sort((a, b) => {
			const order = column === 0 ? a.key - b.key :
			    collator.compare(a.key, b.key);

			return order === 0 ? a.index - b.index : sign * order;
		});
		return keyed.map((item) => item.row);
	}

	function describe() {
		const total = number(rows.length);
		const count = Math.min(state.limit, shown.length);
		const sort = state.column < 0 ? "" : ", by " +
		    heads[state.column].textContent +
		    (state.descending ? ", descending" : "");

		if (shown.length === rows.length)
			status.textContent = total + " rows" + sort;
		else
			status.textContent = number(shown.length) + " of " +
			    total + " rows" + sort;
		more.replaceChildren();
		if (count === shown.length)
			return;
		button("Show " + number(Math.min(page, shown.length - count)) +
		    " more", more, () => grow(state.limit + page));
		button("Show all " + number(shown.length), more,
		    () => grow(Infinity));
	}

	function draw(limit) {
		const fragment = document.createDocumentFragment();

		for (const row of shown.slice(0, limit))
			fragment.append(row);
		body.replaceChildren(fragment);
	}

	function grow(limit) {
		const first = shown[state.limit];

		state.limit = limit;
		draw(limit);
		describe();
		/* The button is gone; what it brought is the place to be. */
		first.tabIndex = -1;
		first.focus();
	}

	function update() {
		shown = sorted(rows.filter(matches));
		state.limit = page;
		draw(page);
		describe();
	}

	/* Up, down, and as it was. */
	function sort(column) {
		if (state.column !== column) {
			state.column = column;
			state.descending = false;
		} else if (!state.descending) {
			state.descending = true;
		} else {
			state.column = -1;
		}
		heads.forEach((head, index) => {
			if (index !== state.column)
				head.setAttribute("aria-sort", "none");
			else
				head.setAttribute("aria-sort",
				    state.descending ? "descending" :
				    "ascending");
		});
		update();
	}

	function addHeads() {
		heads = Array.from(table.tHead.rows[0].cells);
		heads.forEach((head, index) => {
			const name = head.textContent;

			head.textContent = "";
			head.setAttribute("aria-sort", "none");
			button(name, head, () => sort(index));
		});
	}

	function addFilter(controls) {
		const label = make("label", "", controls);
		const input = document.createElement("input");
		let timer = 0;

		make("span", "Filter rows by text", label).className =
		    "vanish";
		input.id = "filter";
		input.type = "search";
		input.placeholder = "Filter by any text ( / )";
		input.autocomplete = "off";
		input.spellcheck = false;
		label.append(input);
		input.addEventListener("input", () => {
			clearTimeout(timer);
			timer = setTimeout(() => {
				state.words = input.value.toLowerCase().
				    split(/\s+/).filter((word) => word);
				update();
			}, rows.length > page ? 120 : 0);
		});
		document.addEventListener("keydown", (event) => {
			if (event.key !== "/" || event.ctrlKey ||
			    event.metaKey || event.altKey ||
			    event.target === input)
				return;
			event.preventDefault();
			input.focus();
		});
	}

	function addChips(controls) {
		const counts = new Map();

		for (const row of rows)
			counts.set(verdict(row),
			    (counts.get(verdict(row)) || 0) + 1);
		for (const name of ranks.filter((rank) => counts.has(rank))) {
			const chip = button(name, controls, () => {
				const on = !state.verdicts.has(name);

				if (on)
					state.verdicts.add(name);
				else
					state.verdicts.delete(name);
				chip.setAttribute("aria-pressed", String(on));
				update();
			});

			make("b", number(counts.get(name)), chip);
			chip.setAttribute("aria-pressed", "false");
		}
	}

	function start() {
		const controls = document.getElementById("controls");

		table = document.getElementById("rows");
		if (table) {
			more = document.getElementById("more");
			body = table.tBodies[0];
			rows = Array.from(table.tBodies).flatMap(
			    (part) => Array.from(part.rows));
			Array.from(table.tBodies).slice(1).forEach(
			    (part) => part.remove());
			addHeads();
			addFilter(controls);
			addChips(controls);
			status = make("p", "", controls);
			status.setAttribute("role", "status");
			update();
		}
		root.classList.remove("loading");
	}

	/* On paper there is no button for more. */
	addEventListener("beforeprint", () => {
		if (table)
			draw(Math.max(state.limit, printed));
	});
	addEventListener("afterprint", () => {
		if (table)
			draw(state.limit);
	});
	document.addEventListener("DOMContentLoaded", start);
})();
