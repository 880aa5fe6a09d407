// An MQTT broker that is not Mosquitto. node broker.mjs PORT REFUSED: subscriptions below REFUSED are refused.
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

const [port, refused] = process.argv.slice(2)
const broker = await Aedes.createBroker()
broker.authorizeSubscribe = (_client, wanted, answer) => {
  answer(null, refused && wanted.topic.startsWith(refused) ? null : wanted)
}
createServer(broker.handle).listen(Number(port), '127.0.0.1')
