// Makes elements. Text is always text: a name from an event can never become markup.

/** Return an element with attributes (null and false ones are left out) and children (elements or text). */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Set an element's text where it is another one: what stays is not announced, selected or laid out again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Return how wide a text is at most, in em, in the fonts that machines have: bold DejaVu is the widest. */
export function ems(text) {
  let width = 0;
  for (const letter of text) {
    const wide = letter === "%" || letter.codePointAt(0) > 0x2e80;
    width += wide ? 1.02 : /[.,:;\s|il]/.test(letter) ? 0.4 : 0.7;
  }
  return width;
}
