// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// A site with files, uploads, a stream and a WebSocket connection.

import Alicorn
import Foundation

var router = Router()

router.use { context, next in
    var response = try await next(context)
    try response.headers.append(name: "referrer-policy", value: "no-referrer")
    return response
}

try router.get("/") { _ in try .redirect(to: "/files/") }
try router.files("/files", from: ProcessInfo.processInfo.environment["SITE_FOLDER"] ?? ".", cachedFor: .seconds(60))

try router.post("/upload") { context in
    var count = 0
    for try await piece in context.body { count += piece.readableBytes }
    return .text("\(count) bytes")
}

try router.get("/countdown/{from:int}") { context in
    let start: Int = try context.parameters("from")
    return try .stream(contentType: "text/plain; charset=utf-8") { writer in
        for number in stride(from: start, to: 0, by: -1) { try await writer.write("\(number)\n") }
    }
}

try router.webSocket("/echo") { context in
    guard context.query("key") == "secret" else { return .text("Say ?key=secret.\n", status: 403) }
    return try await context.upgrade(subprotocol: context.subprotocols.first) { connection in
        for try await message in connection { try await connection.send(message) }
    }
}

try await Alicorn.main(router)
