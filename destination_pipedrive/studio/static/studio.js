// The page keeps one mapping; the server proposes it, words its problems, plans it and writes it as YAML.
import { call, choices, el, option, plain, show } from "/static/parts.js";
import { showPlan } from "/static/plan.js";
import { drawRules, rulesNow, showDeletes, showRuleProblems, showTextProblems } from "/static/rules.js";

const $ = (id) => document.getElementById(id);
const state = { page: {}, columns: [], entry: {}, turn: 0 };
const LEAVE = "", TIME = "@updated_at_field", LINK = "@link:";

async function load(request) {
  show($("message"), "");
  try {
    state.page = await request;
  } catch (error) {
    show($("message"), error.message);
    return;
  }
  const page = state.page;
  $("account").textContent = [page.user, page.account].filter(Boolean).join(" · ");
  $("save").hidden = !page.save;
  $("save").textContent = `Save to ${page.save}`;
  choices($("object"), page.objects.map((name) => [name, name.replaceAll("_", " ")]), page.entry?.object);
  if (page.entry) draw();
}

function draw() {
  const { page } = state;
  const entry = (state.entry = page.entry);
  $("object-hint").textContent = page.why_object;
  $("file-hint").textContent = `${page.file}, ${page.rows} rows read. The file stays on this machine.`;
  $("stream-hint").textContent = `Stream ${entry.stream}`;
  $("operation").value = entry.operation ?? "";
  $("notes").replaceChildren(...page.notes.map((note) => el("p", { className: "note", textContent: plain(note) })));
  state.columns = page.columns.map((column) => ({ ...column, ...placeOf(column.name, entry) }));
  $("rows").replaceChildren(...state.columns.map(row));
  drawKeys(entry.match_on ?? [], entry.external_id_field ?? "");
  drawRules(page, changed);
  $("preview").disabled = $("download").disabled = false;
  $("plan").replaceChildren();
  $("price").textContent = "";
  changed();
}

function placeOf(name, entry) {
  const rule = (entry.fields ?? []).find((each) => each.source === name && each.mode !== "ignore");
  const isIgnored = (entry.fields ?? []).some((each) => each.source === name && each.mode === "ignore");
  const link = Object.entries(entry.links ?? {}).find(([, each]) => each.from === name);
  if (rule) return { target: rule.target, rule: { ...rule }, proposed: rule.target, maps: { ...(entry.value_maps?.[rule.target] ?? {}) } };
  if (link) {
    const target = `${LINK}${link[0]}:${link[1].by ?? state.page.links[link[0]][0]}`;
    return { target, proposed: target, rule: { create_if_missing: link[1].create_if_missing ?? false }, maps: {} };
  }
  const target = entry.updated_at_field === name ? TIME : LEAVE;
  return { target, proposed: target, rule: {}, maps: {}, isIgnored };
}

function row(column, number) {
  const id = `column-${number}`;
  const select = el("select", { id, title: column.name });
  select.setAttribute("aria-label", `Field for ${column.name}`);
  select.setAttribute("aria-describedby", `${id}-why ${id}-problem`);
  const { fields, parents, links } = state.page;
  const known = parents.flatMap((link) => links[link].map((by) => [`${LINK}${link}:${by}`, `${link.replaceAll("_", " ")}, found by ${by}`]));
  const groups = [
    ["Not written", [[LEAVE, "— leave out —"], [TIME, "Time of change in your system"]]],
    ["Fields", fields.filter((each) => !each.is_custom).map((each) => [each.name, each.label])],
    ["Custom fields", fields.filter((each) => each.is_custom).map((each) => [each.name, each.label])],
    ["Belongs to", known],
  ];
  for (const [label, options] of groups) {
    if (options.length) select.append(el("optgroup", { label }, options.map(([value, text]) => option(value, text))));
  }
  if (![...select.options].some((each) => each.value === column.target)) select.append(option(column.target, column.target));
  select.value = column.target;
  const settings = el("td");
  const line = el("tr", { id: `${id}-row` }, [
    el("th", { scope: "row" }, [el("div", { className: "name", textContent: column.name }), el("div", { className: "samples", textContent: column.values.slice(0, 3).join(" · ") || "no values" })]),
    el("td", {}, [select, el("p", { className: "why", id: `${id}-why` }), el("p", { className: "problem", id: `${id}-problem`, hidden: true })]),
    settings,
  ]);
  const redraw = () => {
    line.className = column.target === LEAVE ? "left-out" : "";
    const chosen = ["chosen by you", plain(column.note ?? "")].filter(Boolean).join("; ");
    line.querySelector(".why").textContent = column.target === column.proposed ? plain(column.why) : chosen;
    settings.replaceChildren(...settingsOf(column, id));
  };
  select.addEventListener("change", async () => {
    const target = (column.target = select.value);
    column.rule = target.startsWith(LINK) ? { create_if_missing: true } : {};
    column.maps = {};
    column.note = "";
    column.isMisfit = false;
    // What the values need to be read, such as the format of a date, comes with the choice.
    if (fieldOf(target)) {
      const found = await call("fit", { column: column.name, target, object: state.entry.object }).catch(() => ({}));
      if (column.target !== target) return;
      Object.assign(column, { rule: { ...found.rule }, maps: { ...found.maps }, note: found.note ?? "", isMisfit: found.is_misfit ?? false });
    }
    redraw();
    drawKeys([$("key1").value, $("key2").value].filter(Boolean), $("external").value);
    changed();
  });
  redraw();
  return line;
}

function settingsOf(column, id) {
  const field = fieldOf(column.target);
  if (column.target.startsWith(LINK)) {
    return [el("div", { className: "options" }, [tick(column, "create_if_missing", "Create if missing", `${id}-create`)])];
  }
  if (!field || field.type === "id") return [];
  const parts = [
    choose(column, "mode", "If the field has a value", [["", "overwrite it"], ["fill", "keep it"]]),
    field.may_clear ? choose(column, "null", "If the cell is empty", [["", "change nothing"], ["clear", "clear the field"]]) : "",
    choose(column, "on_invalid", "If a value does not fit", [["", "reject the row"], ["leave_out", "leave it out"]]),
    field.is_list ? choose(column, "merge", "Existing entries", [["", "default"], ["add", "keep, and add these"], ["replace", "replace"], ["remove", "remove these"]]) : "",
    field.has_format ? write(column, "format", "Format", "%d.%m.%Y") : "",
    field.has_primary ? tick(column, "primary", "make it primary", `${id}-primary`) : "",
  ];
  const isSet = Object.entries(column.rule).some(([key, value]) => value && !["source", "target"].includes(key));
  const options = el("details", { open: isSet }, [el("summary", { textContent: "Options", ariaLabel: `Options for ${column.name}` }), el("div", { className: "options" }, parts.filter(Boolean))]);
  return [options, ...valueMap(column, field, id)];
}

function choose(column, key, label, options) {
  const select = el("select");
  choices(select, options, column.rule[key] ?? "");
  select.addEventListener("change", () => { column.rule[key] = select.value; changed(); });
  return el("label", {}, [label, select]);
}

function tick(column, key, text, id) {
  const box = el("input", { type: "checkbox", id, checked: column.rule[key] ?? false });
  box.addEventListener("change", () => { column.rule[key] = box.checked; changed(); });
  return el("label", { className: "check", htmlFor: id }, [box, text]);
}

function write(column, key, label, placeholder) {
  const input = el("input", { value: column.rule[key] ?? "", placeholder });
  input.addEventListener("change", () => { column.rule[key] = input.value.trim(); changed(); });
  return el("label", {}, [label, input]);
}

function valueMap(column, field, id) {
  if (!field.options.length || !column.values.length) return [];
  const options = [["", "as it is"], ...field.options.map((each) => [each, each])];
  const pairs = column.values.flatMap((value, number) => {
    const select = el("select", { id: `${id}-value-${number}` });
    choices(select, options, column.maps[value] ?? "");
    select.addEventListener("change", () => { column.maps[value] = select.value; changed(); });
    return [el("label", { htmlFor: select.id, textContent: value }), select];
  });
  const mapped = Object.values(column.maps).filter(Boolean).length;
  return [el("details", { open: mapped > 0 || column.isMisfit }, [el("summary", { textContent: "Values", ariaLabel: `Values of ${column.name}` }), el("div", { className: "pairs" }, pairs)])];
}

const fieldOf = (target) => state.page.fields.find((each) => each.name === target);

function drawKeys(keys, external) {
  const used = new Set(state.columns.map((column) => column.target));
  const usable = state.page.fields.filter((field) => field.is_key && used.has(field.name)).map((field) => [field.name, field.label]);
  if (used.has("first_name") || used.has("last_name")) usable.push(["name", "Name"]);
  if (used.has("website") && !used.has("domain")) usable.push(["domain", "Domain"]);
  const names = usable.map(([name]) => name);
  const missing = keys.map(String).filter((key) => !names.includes(key)).map((key) => [key, key]);
  const options = [["", "— the object's usual key —"], ...usable, ...missing];
  choices($("key1"), options, Array.isArray(keys[0]) ? keys[0].join(",") : (keys[0] ?? ""));
  choices($("key2"), [["", "— nothing else —"], ...options.slice(1)], keys[1] ?? "");
  const texts = state.page.fields.filter((field) => field.is_custom && field.is_text).map((field) => [field.name, field.label]);
  choices($("external"), [["", "— none —"], ...texts], external);
  $("key-hint").textContent = plain(state.page.why_key);
}

function entryNow() {
  const before = state.entry;
  const entry = { stream: before.stream, object: before.object };
  if ($("operation").value) entry.operation = $("operation").value;
  const keys = [$("key1").value, $("key2").value].filter(Boolean).map((key) => (key.includes(",") ? key.split(",") : key));
  if (keys.length) entry.match_on = keys;
  if ($("external").value) entry.external_id_field = $("external").value;
  const fields = [], links = {}, maps = {};
  state.columns.forEach((column, number) => {
    const { target } = column;
    column.place = "";
    if (target === TIME) entry.updated_at_field = column.name;
    else if (target.startsWith(LINK)) {
      const [, link, by] = target.split(":");
      links[link] = { by, from: column.name, ...(column.rule.create_if_missing ? { create_if_missing: true } : {}) };
      column.place = `links/${link}`;
    } else if (target !== LEAVE || column.maps_by_itself || column.isIgnored) {
      const options = Object.fromEntries(Object.entries(column.rule).filter(([key, value]) => value && !["source", "target"].includes(key)));
      column.place = `fields/${fields.length}`;
      fields.push(target === LEAVE ? { source: column.name, mode: "ignore" } : { source: column.name, target, ...options });
      const pairs = Object.entries(column.maps).filter(([, value]) => value);
      if (target && pairs.length) maps[target] = { ...maps[target], ...Object.fromEntries(pairs) };
    }
  });
  if (fields.length) entry.fields = fields;
  if (Object.keys(links).length) entry.links = links;
  if (Object.keys(maps).length) entry.value_maps = maps;
  return { ...entry, ...rulesNow() };
}

const sentNow = () => ({ entry: entryNow(), more: $("more").value });

async function changed() {
  showDeletes();
  const turn = ++state.turn, entry = sentNow();
  const places = state.columns.filter((column) => column.target !== LEAVE).length;
  const [found, text] = await Promise.allSettled([call("problems", entry), call("yaml", entry)]);
  if (turn !== state.turn) return;
  show($("message"), found.reason?.message ?? "");
  if (text.value) $("yaml").textContent = text.value.yaml;
  const problems = found.value?.problems ?? [];
  showProblems(problems);
  const said = problems.length ? `${problems.length} ${problems.length === 1 ? "problem" : "problems"} to fix.` : "No problems found.";
  $("tally").textContent = `${places} of ${state.columns.length} columns are mapped. ${said}`;
  document.body.dataset.checked = String(turn);
}

function showProblems(problems) {
  const left = [...problems];
  const take = (place) => {
    const mine = left.filter((each) => place && (each.place === place || each.place.startsWith(`${place}/`)));
    mine.forEach((each) => left.splice(left.indexOf(each), 1));
    return mine.map((each) => plain(each.text)).join(" ");
  };
  state.columns.forEach((column, number) => {
    const text = [take(column.place), column.target && take(`value_maps/${column.target}`)].filter(Boolean).join(" ");
    show($(`column-${number}-problem`), text);
    $(`column-${number}-row`).classList.toggle("has-problem", Boolean(text));
    $(`column-${number}`).setAttribute("aria-invalid", String(Boolean(text)));
  });
  for (const key of ["match_on", "external_id_field", "operation"]) show($(`${key}-problem`), take(key));
  showRuleProblems(take);
  showTextProblems(problems.filter((each) => each.place === "more"));
  take("more");
  $("others").replaceChildren(...left.map((each) => el("p", { className: "problem", textContent: plain(each.whole) })));
}

async function preview() {
  $("preview").disabled = true;
  $("price").textContent = "Planning …";
  try {
    showPlan($("plan"), $("price"), await call("plan", sentNow()));
  } catch (error) {
    $("price").textContent = "";
    $("plan").replaceChildren(el("p", { className: "problem", textContent: error.message }));
  }
  $("preview").disabled = false;
}

async function save() {
  try {
    $("saved").textContent = `Saved to ${(await call("save", sentNow())).saved}.`;
  } catch (error) {
    show($("message"), error.message);
  }
}

async function download() {
  const { yaml } = await call("yaml", sentNow());
  const link = el("a", { href: `data:application/yaml;charset=utf-8,${encodeURIComponent(yaml)}`, download: "mapping.yaml" });
  document.body.append(link);
  link.click();
  link.remove();
  $("saved").textContent = "Downloaded as mapping.yaml.";
}

$("file").addEventListener("change", () => { if ($("file").files.length) load(call("upload", $("file").files[0])); });
$("object").addEventListener("change", () => { if (state.page.entry) load(call(`start?object=${$("object").value}`)); });
for (const id of ["operation", "key1", "key2", "external"]) $(id).addEventListener("change", changed);
$("preview").addEventListener("click", preview);
$("save").addEventListener("click", save);
$("download").addEventListener("click", download);
load(call("start"));
