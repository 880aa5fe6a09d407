// Sparkplug B by another library: `encode` turns JSON lines into hex lines, `decode` hex lines into JSON lines.
const { createInterface } = require('node:readline')
const sparkplug = require('sparkplug-payload').get('spBv1.0')

const plain = (_key, value) => (value && typeof value === 'object' && 'low' in value ? Number(value) : value)
createInterface({ input: process.stdin }).on('line', (line) => {
  if (process.argv[2] === 'encode') {
    console.log(Buffer.from(sparkplug.encodePayload(JSON.parse(line))).toString('hex'))
  } else {
    console.log(JSON.stringify(sparkplug.decodePayload(Buffer.from(line, 'hex')), plain))
  }
})
