// A Modbus TCP server that is not ours: modbus-serial, holding what the test says.
// Usage: node server.js PORT '{"1": {"holding": {"16": 0}, "coil": {"0": 1}}}'
const ModbusRTU = require("modbus-serial");

const [port, units] = [Number(process.argv[2]), JSON.parse(process.argv[3])];
const ILLEGAL_ADDRESS = 2;

function cell(unit, table, address) {
  const held = (units[unit] || {})[table] || {};
  if (!(address in held)) {
    throw { modbusErrorCode: ILLEGAL_ADDRESS };
  }
  return held[address];
}

function keep(unit, table, address, value) {
  cell(unit, table, address);
  units[unit][table][address] = value;
}

const vector = {
  getHoldingRegister: (address, unit) => cell(unit, "holding", address),
  getInputRegister: (address, unit) => cell(unit, "input", address),
  getCoil: (address, unit) => Boolean(cell(unit, "coil", address)),
  getDiscreteInput: (address, unit) => Boolean(cell(unit, "discrete", address)),
  setRegister: (address, value, unit) => keep(unit, "holding", address, value),
  setCoil: (address, value, unit) => keep(unit, "coil", address, Number(value)),
};
const server = new ModbusRTU.ServerTCP(vector, { host: "127.0.0.1", port, unitID: 255 });
server.on("socketError", () => {});
