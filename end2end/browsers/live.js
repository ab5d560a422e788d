// Live updates of the list.
import { SIGNED_IN, newUser, uniqueName } from '../support/people.js';
import { signUp } from './visits.js';

export function live(setting) {
  setting.test('new row of another session appears on a live page', async (newPage) => {
    const [ada, grace] = [await newPage(), await newPage()];
    await signUp(ada, newUser('Ada'));
    await ada.goto('/birthdays');
    await ada.expectStatus('Live');
    await signUp(grace, newUser('Grace'));
    await grace.goto('/birthdays');
    const name = uniqueName('Katherine');
    await grace.fill('Name', name);
    await grace.pickDate('Birthday', '1918-08-26');
    await grace.choose(SIGNED_IN);
    await grace.clickButton('Add birthday');
    await ada.expectListItem(name);
    await ada.expectStatus('Live');
  });
}
