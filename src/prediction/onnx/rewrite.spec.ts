import { decodeModel } from './graph.js';
import { ModelProto } from './proto.js';
import { encodeModel, rewriteOutputs } from './rewrite.js';

/** A field of bytes: its tag, its length (of one byte here), its bytes. */
const field = (tag: number[], bytes: Uint8Array): Buffer => Buffer.from([...tag, bytes.length, ...bytes]);
const FUNCTIONS = [0xca, 0x01]; // 25, with a length
const ATTRIBUTE_DEFAULTS = [0x5a]; // 11 of a function, with a length: newer than the decoder

describe('encodeModel', () => {
  const defaults = field(ATTRIBUTE_DEFAULTS, Buffer.from('\n\u0005alpha'));
  const known = ModelProto.encode(
    ModelProto.create({
      irVersion: 9,
      producerName: 'a test',
      opsetImport: [{ domain: '', version: 18 }],
      graph: {
        node: [{ opType: 'ZipMap', input: ['x'], output: ['y'], attribute: [] }],
        output: [{ name: 'y', type: { sequenceType: {} } }],
      },
    }),
  ).finish();
  const original = Buffer.concat([known, field(FUNCTIONS, defaults)]);
  const model = decodeModel(original);
  const changed = rewriteOutputs(model);
  const bytes = Buffer.from(encodeModel(model, original));

  it('writes the graph anew, once', () => {
    expect(changed).toEqual({ map: true, sequence: false });
    expect(ModelProto.decode(bytes).graph?.node?.map(({ opType }) => opType)).toEqual(['Identity']);
    expect(bytes.includes('ZipMap')).toBe(false);
  });

  it('keeps everything else, also what the decoder does not know', () => {
    const again = ModelProto.decode(bytes);
    expect(Number(again.irVersion)).toBe(9);
    expect(again.producerName).toBe('a test');
    expect(Number(again.opsetImport[0]?.version)).toBe(18);
    expect(bytes.includes(defaults)).toBe(true);
  });

  it('refuses a group, which the decoder skips', () => {
    const group = Buffer.from([0xf3, 0x06, 0xf4, 0x06]); // field 110 begins and ends
    expect(() => encodeModel(model, Buffer.concat([original, group]))).toThrow(
      'a kind that ONNX does not use',
    );
  });
});

describe('a sequence', () => {
  const make = (): ReturnType<typeof decodeModel> =>
    decodeModel(
      ModelProto.encode(
        ModelProto.create({
          irVersion: 9,
          graph: {
            node: [{ opType: 'SequenceConstruct', input: ['a', 'b'], output: ['y'] }],
            output: [
              { name: 'before', type: { tensorType: { elemType: 1 } } },
              { name: 'y', type: { sequenceType: { elemType: { tensorType: { elemType: 11 } } } } },
            ],
          },
        }),
      ).finish(),
    );
  const outputs = ({ graph }: ReturnType<typeof make>): unknown[] =>
    (graph?.output ?? []).map(({ name, type }) => [name, type?.tensorType?.elemType]);

  it('is stacked, keeping its name and what it is made of', () => {
    const model = make();
    expect(rewriteOutputs(model)).toEqual({ map: false, sequence: true });
    expect(outputs(model)).toEqual([
      ['before', 1],
      ['y', 11],
    ]);
  });

  it('is put apart where that is asked for', () => {
    const model = make();
    expect(rewriteOutputs(model, 'apart')).toEqual({ map: false, sequence: true });
    expect(outputs(model)).toEqual([
      ['before', 1],
      ['y_0', 11],
      ['y_1', 11],
    ]);
    const nodes = model.graph?.node?.map(({ opType, input, output }) => [opType, input, output]);
    expect(nodes).toEqual([
      ['Identity', ['a'], ['y_0']],
      ['Identity', ['b'], ['y_1']],
    ]);
  });
});
