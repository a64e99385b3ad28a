// Opens a page of strata in Chromium and says what it finds, as one JSON object:
// node check.js PAGE CHROMIUM [FOLDER FOR SCREENSHOTS]
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [page, chromium, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  protocolTimeout: 300000,
});
const found = { schemes: [], rules_passed: 0, console: [], requests: [], violations: [], planted: [], overflow: {} };

async function open(width, scheme) {
  const tab = await browser.newPage();
  await tab.setViewport({ width, height: 1000 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  tab.on("console", (said) => found.console.push(`${said.type()}: ${said.text()}`));
  tab.on("pageerror", (error) => found.console.push(`pageerror: ${error.message}`));
  tab.on("request", (request) => found.requests.push(request.url()));
  await tab.goto(pathToFileURL(page).href);
  return tab;
}

const overflow = (tab) => tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function openAll(tab) {
  await tab.evaluate(() => document.querySelectorAll("details").forEach((details, i) => { if (i < 30) details.open = true; }));
  await new Promise((done) => setTimeout(done, 300));
}

try {
  for (const scheme of ["light", "dark"]) {
    const tab = await open(1400, scheme);
    if (shots) await tab.screenshot({ path: join(shots, `${scheme}-top.png`) });
    await openAll(tab);
    found.overflow[`1400 ${scheme}`] = await overflow(tab);
    if (shots) await tab.screenshot({ path: join(shots, `${scheme}.png`), fullPage: true });
    // the policy of the page lets no script in but its own: through the debugger it comes as from the console
    await tab.evaluate(axe);
    const result = await tab.evaluate(() => globalThis.axe.run());
    found.schemes.push(scheme);
    found.rules_passed = Math.max(found.rules_passed, result.passes.length);
    for (const { id, impact, help, nodes } of result.violations) {
      found.violations.push({ scheme, id, impact, help, n: nodes.length, where: nodes.slice(0, 3).map((node) => node.target.join(" ")) });
    }
    if (scheme === "dark") {
      const planted = await tab.evaluate(() => {
        document.querySelector("main").append(new Image());
        return globalThis.axe.run({ runOnly: ["image-alt"] });
      });
      found.planted = planted.violations.map(({ id }) => id);
    }
    await tab.close();
  }
  const narrow = await open(400, "light");
  await openAll(narrow);
  found.overflow["400"] = await overflow(narrow);
  if (shots) await narrow.screenshot({ path: join(shots, "narrow.png"), fullPage: true });
  await narrow.close();
  const paper = await open(794, "light");
  await paper.emulateMediaType("print");
  await openAll(paper);
  // 186 mm of an A4 page inside its margins
  await paper.setViewport({ width: 703, height: 1000 });
  found.overflow.print = await overflow(paper);
  if (shots) await paper.screenshot({ path: join(shots, "print.png"), fullPage: true });
  if (shots) await paper.pdf({ path: join(shots, "print.pdf"), preferCSSPageSize: true });
  await paper.close();
} finally {
  await browser.close();
}
console.log(JSON.stringify(found, null, 1));
