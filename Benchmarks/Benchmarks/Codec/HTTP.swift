// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import Benchmark
import NIOCore
import NIOEmbedded
import NIOHTTP1

func httpBenchmarks() {
    for (name, request) in [("a GET of 68 B", Requests.get), ("an upgrade of 523 B", Requests.upgrade)] {
        Benchmark("parse \(name)") { benchmark in
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                var connection = HTTP1ServerConnection()
                var position = 0
                while let event = connection.next(in: request.span, from: &position) { blackHole(event) }
            }
            benchmark.stopMeasurement()
        }

        Benchmark("NIOHTTP1: parse \(name)") { benchmark in
            let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
            // One that is no upgrade to it, but as long: behind an upgrade it parses nothing more.
            let text = String(decoding: request, as: UTF8.self).replacing("Upgrade: w", with: "Upgrode: w")
            let input = ByteBuffer(string: text)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                try channel.writeInbound(input)
                while let part = try channel.readInbound(as: HTTPServerRequestPart.self) { blackHole(part) }
            }
            benchmark.stopMeasurement()
            _ = try channel.finish()
        }
    }

    Benchmark("answer a GET of 68 B with 200, kept alive") { benchmark in
        var connection = HTTP1ServerConnection()
        let body = Array("Hello, World!".utf8)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            var (position, output): (Int, [UInt8]) = (0, [])
            while let event = connection.next(in: Requests.get.span, from: &position) { blackHole(event) }
            var fields = HeaderFields()
            try fields.append(name: "Content-Type", value: "text/plain; charset=utf-8")
            let persistence = try connection.send(
                ResponseHead(status: 200, fields: fields), wholeBody: body, date: "Sun, 06 Nov 1994 08:49:37 GMT",
                into: &output)
            precondition(persistence == .keepAlive)
            blackHole(output)
        }
        benchmark.stopMeasurement()
    }

    Benchmark("answer an upgrade of 523 B with 101") { benchmark in
        let handshake = try ServerHandshake(extensions: [ServerPerMessageDeflate()])
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            var connection = HTTP1ServerConnection()
            var (position, output): (Int, [UInt8]) = (0, [])
            guard case .request(let head, _, _) = connection.next(in: Requests.upgrade.span, from: &position),
                case .accepted(let acceptance) = handshake.evaluate(head, announcesBody: false)
            else { fatalError("the handshake is valid") }
            try connection.sendUpgradeResponse(acceptance.response(), into: &output)
            blackHole(output)
        }
        benchmark.stopMeasurement()
    }
}

private enum Requests {
    static let get = Array("GET /api/items/1 HTTP/1.1\r\nHost: example.com\r\nAccept: text/plain\r\n\r\n".utf8)

    /// What a browser sends.
    static let upgrade = Array(
        """
        GET /chat/rooms HTTP/1.1\r
        Host: server.example.com\r
        Connection: Upgrade\r
        DNT: 1\r
        Pragma: no-cache\r
        Cache-Control: no-cache\r
        User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36\r
        Upgrade: websocket\r
        Origin: https://server.example.com\r
        Sec-WebSocket-Version: 13\r
        Accept-Encoding: gzip, deflate, br, zstd\r
        Accept-Language: en-US,en;q=0.9,de;q=0.8\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r
        \r

        """.utf8)
}
