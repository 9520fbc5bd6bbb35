// Loaded into the language server before anything else: whatever reaches for a network ends it, and the test with it.
const refuse = (what) => () => {
  process.stderr.write(`tried to reach the network: ${what}\n`);
  process.exit(3);
};
require("net").Socket.prototype.connect = refuse("connect");
require("dns").lookup = refuse("lookup");
require("dgram").createSocket = refuse("datagram");
