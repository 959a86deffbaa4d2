import fc from 'fast-check';
import { LossLedger, type Loss } from './loss-ledger.js';

describe('LossLedger', () => {
  it('tells every loss once, however often the telling fails', () => {
    const steps = fc.array(fc.constantFrom('lose', 'take', 'tell', 'fail'), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (script) => {
        const ledger = new LossLedger();
        const told: Loss[] = [];
        let lost = 0;
        let taken: Loss | undefined;
        script.forEach((step, now) => {
          if (step === 'lose') {
            ledger.add(now);
            lost++;
          } else if (step === 'take') {
            taken ??= ledger.take();
          } else if (taken) {
            if (step === 'tell') {
              told.push(taken);
              ledger.told(taken);
            } else ledger.putBack(taken);
            taken = undefined;
          }
          const untold = told.reduce((sum, { count }) => sum + count, 0) < lost;
          expect(ledger.since === null).toBe(!untold);
        });
        const rest = [taken, ledger.take()].filter((loss) => loss !== undefined);
        expect([...told, ...rest].reduce((sum, { count }) => sum + count, 0)).toBe(lost);
        expect(ledger.total).toBe(lost);
        expect(ledger.take()).toBeUndefined();
      }),
    );
  });

  it('says when the first and the last of a loss were lost, and which one is the first', () => {
    const ledger = new LossLedger();
    expect([10, 20, 30].map((now) => ledger.add(now))).toEqual([true, false, false]);
    const loss = ledger.take()!;
    expect(loss).toEqual({ count: 3, from: 10, to: 30 });
    expect(ledger.add(40)).toBe(true);
    expect(ledger.since).toBe(10); // it is not told yet
    ledger.putBack(loss);
    const all = ledger.take()!;
    expect(all).toEqual({ count: 4, from: 10, to: 40 });
    expect(ledger.since).toBe(10);
    ledger.told(all);
    expect(ledger.since).toBeNull();
  });
});
