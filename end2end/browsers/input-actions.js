// Key presses and clicks as WebDriver actions, which BiDi uses too (https://www.w3.org/TR/webdriver2/#actions).

const MAIN_BUTTON = 0;

export function clickAt(x, y) {
  const actions = [
    { type: 'pointerMove', x, y },
    { type: 'pointerDown', button: MAIN_BUTTON },
    { type: 'pointerUp', button: MAIN_BUTTON },
  ];
  return [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }];
}

export function typing(text) {
  const actions = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
  return [{ type: 'key', id: 'keyboard', actions }];
}
