// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn

/// `alicorn demo`: a page with an echo box and a chat room; ``DemoPage`` documents what is said on the wire.
enum DemoApplication {
    static func make() throws -> Router {
        let chat = Chat()
        var router = Router()
        try router.get("/") { _ in .html(DemoPage.html) }
        try router.webSocket("/echo") { context in
            try await context.upgrade(subprotocol: choose(context.subprotocols)) { connection in
                for try await message in connection { try await connection.send(message) }
            }
        }
        try router.webSocket("/chat") { context in
            try await context.upgrade(subprotocol: choose(context.subprotocols)) { try await chat.serve($0) }
        }
        return router
    }

    private static func choose(_ offered: [String]) -> String? { offered.first { $0 == "demo.alicorn" } }
}
