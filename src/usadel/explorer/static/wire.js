// Messages of the server: length of the header, header in JSON, float32 arrays; see wire.py.

export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  let at = 4 + length;
  for (const [name, shape] of header.arrays) {
    const count = shape.reduce((product, size) => product * size, 1);
    arrays[name] = { shape, data: new Float32Array(buffer, at, count) };
    at += 4 * count;
  }
  return { header, arrays, rest: new Uint8Array(buffer, at) };
}
