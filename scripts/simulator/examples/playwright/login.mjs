// A login in a real browser, with pages: the person chooses a method, types, and reads a code on the
// telephone of the simulator. For those who test with Playwright:
//
//     npm install playwright-core
//     clave-sim --state /tmp/clave --background
//     SITE=https://sede.localhost:8443/puntos/ STATE=/tmp/clave CHROMIUM=/usr/bin/chromium node login.mjs
//
// Browsers find names below localhost on this machine by themselves; the control API is asked by its
// number, since not every resolver does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { chromium, request } from 'playwright-core';

const { SITE, STATE, CHROMIUM = '/usr/bin/chromium' } = process.env;
const addresses = JSON.parse(readFileSync(`${STATE}/addresses.json`, 'utf8'));
const control = new URL(addresses.control);
control.hostname = '127.0.0.1';

const api = await request.newContext({ baseURL: control.href, ignoreHTTPSErrors: true });
const ask = async (path, data) => {
    const answer = await (data ? api.post(path, { data }) : api.get(path));
    assert.ok(answer.ok(), `${path}: ${await answer.text()}`);
    return answer.json();
};

const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
    // With a persona there is no page of Cl@ve at all.
    await ask('reset', {});
    await ask('next', { persona: 'ana' });
    const quick = await browser.newPage({ ignoreHTTPSErrors: true });
    await quick.goto(SITE);
    await quick.waitForURL(SITE);
    assert.match(await quick.content(), /00000000T/);

    // Without one, a person does what a person does.
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'es' });
    const page = await context.newPage();
    await page.goto(SITE);
    await page.click('#metodo-pin');
    await page.fill('#nif', '00000000T');
    await page.fill('#clave', 'ABCD');
    await page.click('#continuar');
    await page.waitForSelector('#pin');
    const { code } = await ask('sms/last?nif=00000000T');
    await page.fill('#pin', `ABCD${code}`);
    await page.click('#continuar');
    await page.waitForURL(SITE);
    assert.match(await page.content(), /00000000T/);

    // A wrong answer does not let anybody in.
    await ask('next', { persona: 'ana', fault: 'other_key' });
    const refused = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await refused.goto(SITE);
    await refused.waitForURL(url => url.origin === new URL(SITE).origin);
    assert.doesNotMatch(await refused.content(), /00000000T/);

    const findings = (await ask('requests')).flatMap(record => record.findings);
    assert.deepEqual(findings, []);
    console.log('login.mjs: all holds');
} finally {
    await browser.close();
    await api.dispose();
}
