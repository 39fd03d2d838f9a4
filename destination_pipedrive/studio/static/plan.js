// A plan of the first rows: counts, what would happen to each row, and what it costs.
import { el, plain } from "/static/parts.js";

export function showPlan(place, price, plan) {
  const spent = plan.spent + plan.planned;
  const left = plan.tokens_left === null ? "" : ` ${plan.tokens_left} are left today.`;
  price.textContent = `A write of these rows takes ${spent} tokens, ${plan.spent} of them for look-ups.${left}`;
  const tiles = Object.entries(plan.objects).flatMap(([name, counts]) =>
    Object.entries(counts).filter(([, count]) => count).map(([outcome, count]) => tile(count, `${name} ${outcome}`)));
  const besides = Object.entries(plan.besides).map(([name, count]) => tile(count, `${name} along the way`));
  const head = el("tr", {}, ["What", "Object", "Row", "Change"].map((text) => el("th", { scope: "col", textContent: text })));
  const lines = plan.lines.map(line);
  const table = el("div", { className: "table" }, [el("table", {}, [el("thead", {}, [head]), el("tbody", {}, lines)])]);
  const notes = [...plan.left_out, ...plan.warnings].map((text) => el("p", { className: "note", textContent: plain(text) }));
  place.replaceChildren(el("div", { className: "tiles" }, [...tiles, ...besides]), ...(lines.length ? [table] : []), ...notes);
}

const tile = (count, text) => el("div", { className: "tile" }, [el("b", { textContent: count }), el("span", { textContent: text })]);

function line(each) {
  const tag = el("span", { className: `tag ${each.action}`, textContent: each.action });
  const why = each.code ? `${each.code}: ${each.what}` : each.what;
  return el("tr", {}, [
    el("td", {}, [tag]),
    el("td", { textContent: each.object }),
    el("td", { textContent: [each.row, each.key].filter(Boolean).join(" · ") }),
    el("td", { textContent: plain(why) }),
  ]);
}
