// Small parts of the page: elements, choices, messages, calls of the server.
export function el(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Sentences quote with backticks; a page quotes as books do.
export const plain = (text) => text.replaceAll(/`([^`]*)`/g, "“$1”");

export const option = (value, text) => el("option", { value, textContent: text });

export function choices(select, pairs, value) {
  select.replaceChildren(...pairs.map(([name, text]) => option(name, text)));
  select.value = value ?? "";
}

export function show(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

// A file is sent as it is, an object as JSON; without either it is a GET. An error is the server's sentence.
export async function call(name, body) {
  const request = { headers: {} };
  if (body instanceof File) {
    request.method = "POST";
    request.body = body;
    request.headers["x-file-name"] = encodeURIComponent(body.name);
  } else if (body) {
    request.method = "POST";
    request.body = JSON.stringify(body);
    request.headers["content-type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(`/api/${name}`, request);
  } catch {
    throw new Error("The studio has ended. Start it again, and open the new address.");
  }
  if (answer.status === 403) throw new Error("The studio was started anew. Open the address that it printed.");
  const content = await answer.json();
  if (content.error) throw new Error(content.error);
  return content;
}
