// Settings of the whole mapping: a control for those that most people need, and text for all others.
import { choices, el, plain, show } from "/static/parts.js";

// Key, label, and the choices, or what stands in an empty field as an example. The empty choice is the default.
const CONTROLS = [
  ["filter", "Only rows where", "score >= 10"],
  ["create_when", "Create new rows only where", "stage == 'Customer'"],
  ["owner", "Owner of the rows", "anna@example.com, or a column"],
  ["on_duplicate", "If a match is found", [["", "update it"], ["skip", "skip the row"], ["create", "create another"]]],
  ["on_ambiguous", "If several match", [["", "reject the row"], ["oldest", "take the oldest"], ["newest", "take the newest"]]],
  ["require_match_key", "Rows without a key are", [["", "rejected"], ["false", "created"]]],
  ["on_missing_parent", "If a linked record is not found", [["", "reject the row"], ["create", "create it"], ["null", "write the row without it"]]],
  ["on_unknown_option", "If a value is not an option", [["", "as set for the connection"], ["reject", "reject the row"], ["create", "create the option"], ["null", "leave the value out"]]],
  ["max_delete_share", "Delete at most this share", "0.1"],
];
const TYPING = 400; // milliseconds after the last key
const $ = (id) => document.getElementById(id);
const id = (key) => `rule-${key}`;

export function drawRules(page, changed) {
  const { entry } = page;
  $("rules").replaceChildren(...CONTROLS.map(([key, label, about]) => control(key, label, about, entry[key], changed)));
  $("more").value = page.more;
  const check = later(changed);
  $("more").oninput = () => { grow(); check(); };
  grow();
  $("keys").replaceChildren(...page.keys.flatMap(({ name, text }) => [el("dt", { textContent: name }), el("dd", { textContent: text })]));
  showDeletes();
}

function grow() {
  $("more").rows = Math.min(16, Math.max(4, $("more").value.split("\n").length + 1));
}

function control(key, label, about, value, changed) {
  const isChoice = Array.isArray(about);
  const input = isChoice ? el("select", { id: id(key) }) : el("input", { id: id(key), placeholder: about, autocomplete: "off" });
  const shown = value === undefined || value === null || (key === "require_match_key" && value === true) ? "" : String(value);
  if (isChoice) {
    const known = about.some(([word]) => word === shown);
    choices(input, known ? about : [...about, [shown, shown]], shown);
    input.addEventListener("change", changed);
  } else {
    input.value = shown;
    input.addEventListener("input", later(changed));
  }
  input.setAttribute("aria-describedby", `${key}-problem`);
  return el("div", { className: "control", id: `${id(key)}-control` }, [
    el("label", { htmlFor: id(key), textContent: label }), input, el("p", { className: "problem", id: `${key}-problem`, hidden: true }),
  ]);
}

function later(changed) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(changed, TYPING); };
}

export const rulesNow = () => Object.fromEntries(CONTROLS.map(([key]) => [key, valueOf(key)]).filter(([, value]) => value !== ""));

function valueOf(key) {
  const text = $(id(key)).value.trim();
  if (key === "require_match_key") return text === "" ? "" : text === "true";
  return key === "max_delete_share" && text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

// The guard of deletions is shown where something may be deleted, or where it is set.
export function showDeletes() {
  const guard = $(`${id("max_delete_share")}-control`);
  if (guard) guard.hidden = $("operation").value !== "mirror" && !$(id("max_delete_share")).value;
}

export function showRuleProblems(take) {
  for (const [key] of CONTROLS) {
    const text = take(key);
    show($(`${key}-problem`), text);
    $(id(key)).setAttribute("aria-invalid", String(Boolean(text)));
  }
}

export function showTextProblems(problems) {
  $("more-problems").replaceChildren(...problems.map((each) => el("p", { className: "problem", textContent: plain(each.text) })));
  $("more").setAttribute("aria-invalid", String(problems.length > 0));
}
