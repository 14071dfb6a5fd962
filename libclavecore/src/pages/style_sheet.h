// The look of the pages, and of the scripts that go to Cl@ve.
#pragma once

#include <string_view>

namespace clave::pages {

// System fonts, nothing fetched from elsewhere; 44 px targets, 320 px wide at least, both colour
// schemes with a contrast over 4.5:1 (WCAG 2.1 AA).
inline constexpr std::string_view kStyle = R"css(:root {
  color-scheme: light dark;
  --text: #1b1b1b; --back: #fff; --soft: #55595f; --line: #c8ccd2; --shade: #f2f4f7;
  --act: #0b5394; --on-act: #fff; --warn: #ffe08a; --on-warn: #3a2c00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #f1f1f1; --back: #16181b; --soft: #b9bec6; --line: #4a4f57; --shade: #202328;
    --act: #9cc9f5; --on-act: #0a1c2e; --warn: #5a4500; --on-warn: #fff3cf;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  color: var(--text); background: var(--back);
  font: 1.125rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  overflow-wrap: break-word;
}
.inner { max-width: 44rem; margin: 0 auto; padding: 0 1rem; }
header { border-top: .375rem solid var(--act); border-bottom: 1px solid var(--line); background: var(--shade); }
header .inner {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between;
  gap: .25rem 1.5rem; padding-top: .5rem; padding-bottom: .5rem;
}
.service { margin: 0; font-weight: 600; }
.brand { display: flex; align-items: center; gap: .75rem; }
.logo { display: block; max-height: 3.5rem; max-width: 12rem; }
.languages { display: flex; flex-wrap: wrap; align-items: center; gap: 0 .5rem; font-size: 1rem; }
.languages p { margin: 0; color: var(--soft); }
.languages ul { display: flex; flex-wrap: wrap; margin: 0 -.5rem; padding: 0; list-style: none; }
.languages button, .languages span {
  display: flex; align-items: center; min-height: 2.75rem; min-width: 2.75rem; padding: 0 .5rem;
  font: inherit; border: 0; background: transparent; color: var(--act);
}
.languages button { cursor: pointer; text-decoration: underline; }
.languages span { color: var(--text); font-weight: 600; }
main { flex: 1; width: 100%; max-width: 44rem; margin: 0 auto; padding: 0 1rem 1.5rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 2rem 0 1rem; text-wrap: balance; }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
p { margin: 0 0 1rem; }
a { color: var(--act); }
.skip { position: absolute; left: -100vw; top: 0; padding: .75rem 1rem; background: var(--back); }
.skip:focus { left: 0; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.simulator {
  margin: 0; padding: .75rem 1rem; text-align: center; font-weight: 600;
  color: var(--on-warn); background: var(--warn);
}
.button {
  display: inline-block; min-height: 2.75rem; min-width: 2.75rem; padding: .6rem 1.25rem;
  border: 2px solid var(--act); border-radius: .25rem; cursor: pointer;
  color: var(--on-act); background: var(--act); font: inherit; font-weight: 600;
  text-align: center; text-decoration: none;
}
.plain { color: var(--act); background: transparent; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0; }
@media (max-width: 30rem) { .actions > * { flex: 1 1 100%; } }
.help { margin: 0; padding: 0; list-style: none; }
.help a { display: inline-block; padding: .5rem 0; }
:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
main:focus { outline: none; }
.ref { color: var(--soft); }
code { font-family: ui-monospace, "Liberation Mono", monospace; color: var(--text); white-space: nowrap; }
.facts { margin: 0 0 1.5rem; border-top: 1px solid var(--line); }
.facts div { padding: .5rem 0; border-bottom: 1px solid var(--line); }
.facts dt { font-weight: 600; }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
@media (min-width: 40rem) {
  .facts div { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; }
}
.facts code, .command code { white-space: inherit; overflow-wrap: anywhere; }
.command {
  margin: 0 0 1rem; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere;
  font-size: 1rem; border: 1px solid var(--line); background: var(--shade);
}
.document {
  display: block; width: 100%; height: 65vh; min-height: 18rem; max-height: 42rem; margin: 0 0 1rem;
  border: 1px solid var(--line); color-scheme: light; background: #fff;
}
.check { display: flex; align-items: center; gap: .75rem; min-height: 2.75rem; cursor: pointer; }
.check input { flex: none; width: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--act); }
.note { padding: .75rem 1rem; border-left: .375rem solid var(--act); background: var(--shade); }
footer { border-top: 1px solid var(--line); background: var(--shade); font-size: 1rem; }
footer .inner { padding-top: 1rem; padding-bottom: 1rem; }
footer p { margin: 0; }
footer p + p { margin-top: .5rem; }
@media print {
  .skip, .actions, .languages, .screen { display: none; }
  html { font-size: 12px; }
  h1 { margin-top: 1rem; }
  h2, .facts div, .command { break-inside: avoid; break-after: auto; }
  .facts div { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; padding: .2rem 0; }
  a.outside::after { content: " (" attr(href) ")"; }
}
)css";

// The button stays for whoever has no scripts. Submitting before the page has loaded replaces it in
// the history, so that "back" from the gateway leads to the procedure and not here again.
inline constexpr std::string_view kSubmit = R"js("use strict";
(function () {
  var form = document.getElementById("to-clave");
  if (form) { form.submit(); }
})();
)js";

// The same for a link: the page does not stay in the history either.
inline constexpr std::string_view kGo = R"js("use strict";
(function () {
  var link = document.getElementById("to-firma");
  if (link) { location.replace(link.href); }
})();
)js";

}  // namespace clave::pages
