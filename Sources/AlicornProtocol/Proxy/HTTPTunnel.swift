// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A way to the server by `CONNECT` (RFC 9110 §9.3.6, PRX-03).
final class HTTPTunnel: ProxyTunnel {
    private let request: TunnelRequest
    private var reader: HTTP1ResponseReader

    init(_ request: TunnelRequest) {
        self.request = request
        reader = HTTP1ResponseReader(method: "CONNECT", limits: request.limits)
    }

    func start() throws(ProxyFailure) -> [UInt8] {
        var headers = HandshakeHeaders()
        headers.add(own: "Host", request.authority)
        var output: [UInt8] = []
        // One that cannot be sent has been refused by the handshake before.
        if let userAgent = request.userAgent { try? headers.add("User-Agent", userAgent) }
        if let credentials = request.proxy.credentials {
            headers.add(own: "Proxy-Authorization", credentials.authorization)
        }
        let head = RequestHead(method: "CONNECT", target: request.authority, fields: headers.fields)
        do throws(HTTPMisuse) { try HTTP1Serializer.append(head, to: &output) } catch { throw .misuse(error) }
        return output
    }

    func receive(_ input: Span<UInt8>) throws(ProxyFailure) -> TunnelStep {
        var position = 0
        while let event = reader.next(in: input, from: &position) {
            switch event {
            case .interim: break
            case .switched(let head):
                // 101 would be the switch to something that nobody asked for.
                guard head.status != 101 else { throw .refused(HTTP1Response(head: head)) }
                return .open(consumed: position)
            case .response(let response): throw .refused(response)
            case .failure(let violation): throw .http(violation)
            }
        }
        return .wait
    }

    func receiveEOF() -> ProxyFailure {
        if case .response(let response)? = reader.receiveEOF() { return .refused(response) }
        return .ended
    }
}
