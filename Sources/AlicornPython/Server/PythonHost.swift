// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornTransport
import CPython

/// An application in Python, and by what settings it is called.
final class PythonHost: ApplicationHost, @unchecked Sendable {
    // SAFETY: touched on the thread that Python runs on alone, which is that of the one loop.
    let application: Owned
    let asyncio: Asyncio
    let log: PythonLog
    let settings: PythonSettings
    let scopes: ScopeFactory
    /// The one loop, once there was a connection.
    private(set) var loop: PythonLoop?

    init(
        _ application: Object, _ asyncio: Asyncio, _ log: PythonLog, _ settings: PythonSettings
    ) throws(PythonError) {
        scopes = try ScopeFactory(settings)
        self.application = Owned(sharing: application)
        self.asyncio = asyncio
        self.log = log
        self.settings = settings
    }

    /// Lets go of the loop, which keeps its host: the server has ended.
    func forgetLoop() { loop = nil }

    func makeLoop(_ loop: ConnectionLoop) -> any ApplicationLoop {
        let made = PythonLoop(self, on: loop)
        self.loop = made
        return made
    }
}
