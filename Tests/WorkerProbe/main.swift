// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn

// A program that is a supervisor and its workers, for tests to send signals to.
//
//     worker-probe supervise WORKERS HEALTH-CHECK-SECONDS GRACE-SECONDS SOCKET [START-UP]
//     worker-probe reload SOCKET DIRECTORY BUILD-PROGRAM
//
// SOCKET is a port of 127.0.0.1, or the path of a Unix socket. START-UP is a file that each worker reads: `fail` has it
// exit with 3, `hang` never be ready.

if let link = try WorkerLink.inherited(backlog: 128) {
    await ProbeWorker(link).run()
} else {
    try runParent(Array(CommandLine.arguments.dropFirst()))
}
