"use strict";
(() => {
  const make = (tag, set = {}, ...inside) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(set)) node.setAttribute(name, value);
    node.append(...inside);
    return node;
  };

  // Tables: sorted by a column, filtered by words, chosen by the words of a column. The address holds what is shown.

  const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const MOST_CHOICES = 30;
  const tables = new Map();

  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  const valueOf = (cell, numeric) => {
    if (numeric) return cell.dataset.v === undefined ? null : Number(cell.dataset.v);
    const text = cell.textContent.trim();
    return text === "–" ? null : text;
  };

  // What is missing comes last, whichever way the others are sorted.
  const sorted = (rows, place, numeric, descending) => {
    const keyed = rows.map((row) => [valueOf(row.cells[place], numeric), row]);
    const there = keyed.filter(([value]) => value !== null);
    there.sort(([a], [b]) => (numeric ? a - b : order.compare(a, b)) * (descending ? -1 : 1));
    return [...there, ...keyed.filter(([value]) => value === null)].map(([, row]) => row);
  };

  const enliven = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const heads = [...table.tHead.rows[0].cells];
    const state = { sort: "", descending: false, filter: "", only: {} };
    const count = make("p", { class: "count", role: "status" });
    const input = make("input", { type: "search", autocomplete: "off" });
    const selects = new Map();

    const fits = (row) =>
      words(state.filter).every((word) => texts.get(row).includes(word)) &&
      heads.every((head, place) => {
        const only = state.only[head.dataset.key];
        return !only || row.cells[place].textContent.trim() === only;
      });

    const show = () => {
      const place = heads.findIndex((head) => head.dataset.key === state.sort);
      const numeric = place >= 0 && heads[place].classList.contains("num");
      body.append(...(place < 0 ? rows : sorted(rows, place, numeric, state.descending)));
      let shown = 0;
      for (const row of rows) {
        row.hidden = !fits(row);
        shown += row.hidden ? 0 : 1;
      }
      heads.forEach((head, i) => {
        if (i === place) head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      input.value = state.filter;
      for (const [key, select] of selects) select.value = state.only[key] ?? "";
      count.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
    };

    const remember = () => {
      const said = new URLSearchParams({ table: table.id });
      if (state.sort) said.set("sort", state.sort);
      if (state.sort && state.descending) said.set("order", "descending");
      if (state.filter) said.set("filter", state.filter);
      for (const [key, only] of Object.entries(state.only)) if (only) said.set(`only-${key}`, only);
      history.replaceState(null, "", `#${said}`);
      show();
    };

    heads.forEach((head) => {
      const button = make("button", { type: "button" }, ...head.childNodes);
      button.addEventListener("click", () => {
        const own = state.sort === head.dataset.key;
        state.sort = own && state.descending ? "" : head.dataset.key;
        state.descending = own && !state.descending;
        remember();
      });
      head.append(button);
    });

    const controls = make("div", { class: "controls" }, make("label", {}, "Filter rows", input));
    input.addEventListener("input", () => {
      state.filter = input.value;
      remember();
    });
    heads.forEach((head, place) => {
      if (head.dataset.choose === undefined) return;
      const choices = [...new Set(rows.map((row) => row.cells[place].textContent.trim()))];
      if (choices.length < 2 || choices.length > MOST_CHOICES) return;
      const select = make("select", {}, make("option", { value: "" }, "all"));
      select.append(...choices.sort(order.compare).map((choice) => make("option", { value: choice }, choice)));
      select.addEventListener("change", () => {
        state.only[head.dataset.key] = select.value;
        remember();
      });
      selects.set(head.dataset.key, select);
      controls.append(make("label", {}, head.textContent, select));
    });
    controls.append(make("p", { class: "hint" }, "A heading sorts the rows."));
    table.closest(".scroll").before(controls, count);
    tables.set(table.id, (said) => {
      state.sort = said.get("sort") ?? "";
      state.descending = said.get("order") === "descending";
      state.filter = said.get("filter") ?? "";
      state.only = {};
      for (const key of selects.keys()) state.only[key] = said.get(`only-${key}`) ?? "";
      show();
    });
    show();
  };

  // Curves: drawn when their card is opened, in thousandths of each axis.

  const data = document.getElementById("curve-data");
  const curves = data ? JSON.parse(data.textContent) : [];
  const COLOURS = {
    1: ["#000000"],
    2: ["#D55E00", "#000000"],
    3: ["#D55E00", "#56B4E9", "#000000"],
    4: ["#E69F00", "#0072B2", "#CC79A7", "#000000"],
  };
  const DASHES = ["none", "6 2.4", "2 2", "9 2.4 2 2.4"];
  const LEFT = 104, WIDTH = 340, TOP = 12, HEIGHT = 190, RIGHT = 16, LINE = 17;

  const svg = (tag, set = {}, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(set)) node.setAttribute(name, value);
    node.textContent = text;
    return node;
  };
  const x = (time) => (LEFT + (WIDTH * time) / 1000).toFixed(1);
  const y = (share) => (TOP + HEIGHT * (1 - share / 1000)).toFixed(1);
  const short = (text) => (text.length > 15 ? `${text.slice(0, 14)}…` : text);

  const steps = (flat) => {
    const found = [];
    for (let i = 0; i < flat.length; i += 4) found.push(flat.slice(i, i + 4));
    return found;
  };
  const line = (points) => `M${x(0)} ${y(1000)}${points.map(([time, share]) => `H${x(time)}V${y(share)}`).join("")}`;
  const band = (points) => {
    let low = 1000, high = 1000;
    const up = [], down = [];
    for (const [time, , lower, upper] of points) {
      up.push(`${x(time)} ${y(high)}`);
      down.push(`${x(time)} ${y(low)}`);
      if (lower >= 0) [low, high] = [lower, upper];
      up.push(`${x(time)} ${y(high)}`);
      down.push(`${x(time)} ${y(low)}`);
    }
    return `M${x(0)} ${y(1000)}L${up.join("L")}L${down.reverse().join("L")}Z`;
  };

  const inWords = (plot) =>
    plot.groups.map(({ label, risk, steps: flat }) => {
      const [time, share] = flat.length ? flat.slice(-4) : [0, 1000];
      const size = risk ? `${risk[0]} patients, ` : "";
      return `${label}: ${size}${(share / 10).toFixed(0)} % at ${((time * plot.end) / 1000).toFixed(0)} months`;
    }).join("; ");

  const draw = (box) => {
    const plot = curves[Number(box.dataset.curve)];
    const bottom = TOP + HEIGHT;
    const colours = COLOURS[plot.groups.length] ?? plot.groups.map(() => "#000000");
    const rows = bottom + 58;
    const high = rows + LINE * plot.groups.length;
    const name = box.querySelector("h5").textContent;
    const root = svg("svg", { viewBox: `0 0 ${LEFT + WIDTH + RIGHT} ${high}`, role: "img", "aria-label": `${name}. ${inWords(plot)}` });
    root.append(svg("path", { class: "axis", d: `M${LEFT} ${TOP}V${bottom}H${LEFT + WIDTH}` }));
    for (const share of [0, 250, 500, 750, 1000]) {
      root.append(svg("text", { x: LEFT - 7, y: Number(y(share)) + 4, "text-anchor": "end" }, `${share / 10} %`));
    }
    root.append(svg("text", { x: 16, y: TOP + HEIGHT / 2, "text-anchor": "middle", transform: `rotate(-90 16 ${TOP + HEIGHT / 2})` }, plot.axis));
    for (const [tick, at] of plot.ticks) {
      root.append(svg("path", { class: "axis", d: `M${x(at)} ${bottom}v4` }));
      root.append(svg("text", { x: x(at), y: bottom + 17, "text-anchor": "middle" }, String(tick)));
    }
    root.append(svg("text", { x: LEFT + WIDTH / 2, y: bottom + 32, "text-anchor": "middle" }, "Months"));
    if (plot.groups.some(({ risk }) => risk)) root.append(svg("text", { x: 4, y: rows - LINE + 3 }, "At risk"));
    plot.groups.forEach(({ label, risk, steps: flat }, i) => {
      const points = steps(flat), colour = colours[i], at = rows + LINE * i + 3;
      const dashes = DASHES[i % DASHES.length];
      root.append(svg("path", { class: "band", fill: colour, d: band(points) }));
      root.append(svg("path", { stroke: colour, "stroke-dasharray": dashes, d: line(points) }));
      root.append(svg("path", { stroke: colour, "stroke-dasharray": dashes, d: `M4 ${at - 4}h16` }));
      const text = svg("text", { x: 24, y: at }, short(label));
      root.append(text);
      (risk ?? []).forEach((n, place) => {
        root.append(svg("text", { x: x(plot.ticks[place][1]), y: at, "text-anchor": "middle" }, n.toLocaleString("en")));
      });
    });
    box.append(root);
  };

  const drawIn = (card) => card.querySelectorAll(".curve[data-curve]:not(:has(svg))").forEach(draw);

  // Cards: filtered by their headings, opened by a link to them and for printing.

  const filterCards = (list) => {
    const all = [...list.querySelectorAll(":scope > details")];
    const input = make("input", { type: "search", autocomplete: "off" });
    const count = make("p", { class: "count", role: "status" });
    const show = () => {
      let shown = 0;
      for (const card of all) {
        const text = card.querySelector("summary").textContent.toLowerCase();
        card.hidden = !words(input.value).every((word) => text.includes(word));
        shown += card.hidden ? 0 : 1;
      }
      count.textContent = `${shown.toLocaleString("en")} of ${all.length.toLocaleString("en")} signatures`;
    };
    input.addEventListener("input", show);
    list.before(make("div", { class: "controls" }, make("label", {}, list.dataset.filter, input)), count);
    show();
  };

  const follow = () => {
    const said = location.hash.slice(1);
    if (said.includes("=")) {
      const asked = new URLSearchParams(said);
      const table = document.getElementById(asked.get("table"));
      tables.get(table?.id)?.(asked);
      table?.closest(".tablebox").scrollIntoView();
      return;
    }
    const target = said && document.getElementById(decodeURIComponent(said));
    if (target instanceof HTMLDetailsElement) {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
    }
  };

  const MOST_PRINTED = 20;
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    const cards = document.querySelectorAll("details.card");
    for (const details of opened) details.open = true;
    if (cards.length <= MOST_PRINTED) cards.forEach(drawIn);
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  document.querySelectorAll("table[data-live]").forEach(enliven);
  document.querySelectorAll("[data-filter]").forEach(filterCards);
  document.querySelectorAll("details.card").forEach((card) => {
    card.addEventListener("toggle", () => {
      if (card.open) drawIn(card);
    });
  });
  addEventListener("hashchange", follow);
  follow();
})();
