/** Which models there are now. The record knows those that answered; who serves them says here which else there are. */
export class ServedModels {
  private ask: (name: string) => boolean = () => false;

  answerBy(ask: (name: string) => boolean): void {
    this.ask = ask;
  }

  has(name: string): boolean {
    return this.ask(name);
  }
}
