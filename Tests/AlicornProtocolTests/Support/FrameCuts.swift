// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// What a connection made of its input, in a form that does not depend on how the input was cut.
struct Outcome: Equatable {
    /// Whole messages and the other events, in order.
    var incoming: [Incoming] = []
    var closure: Closure?
    /// What was answered, all that came before having been taken.
    var output: [UInt8] = []
    var end = WebSocketProtocol.OutputEnd.stayOpen

    init(
        of input: [UInt8], in cuts: [Range<Int>], to role: Role, _ configuration: ProtocolConfiguration = .init(),
        transform: (any MessageTransform)? = nil
    ) {
        let endpoint = Endpoint(role, configuration, transform: transform)
        for cut in cuts { endpoint.receive(Array(input[cut]), at: 0) }
        endpoint.connection.didDeliver()
        incoming = endpoint.incoming
        closure = endpoint.connection.closure
        (output, end) = endpoint.takeOutput()
    }
}

/// Ways to cut bytes on their way.
enum FrameCuts {
    /// In two at each place, and byte by byte. Of long input only cuts near the ends, where headers are.
    static func all(of count: Int) -> [[Range<Int>]] {
        let places = count <= 600 ? Array(1..<max(count, 1)) : Array(1...150) + Array((count - 150)..<count)
        return places.map { [0..<$0, $0..<count] } + [(0..<count).map { $0..<$0 + 1 }]
    }
}

/// Feeds the input whole, cut at each place and byte by byte, and expects the same outcome from all.
///
/// - Parameter transform: makes a new one for each run.
@discardableResult
func outcome(
    of input: [UInt8], to role: Role, _ configuration: ProtocolConfiguration = .init(),
    transform: () -> (any MessageTransform)? = { nil }, sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    let whole = Outcome(of: input, in: [0..<input.count], to: role, configuration, transform: transform())
    for cuts in FrameCuts.all(of: input.count) {
        let cut = Outcome(of: input, in: cuts, to: role, configuration, transform: transform())
        guard cut == whole else {
            let place = cuts.count == 2 ? "cut at byte \(cuts[1].lowerBound)" : "byte by byte"
            Issue.record("\(place): \(cut) is not \(whole)", sourceLocation: sourceLocation)
            break
        }
    }
    return whole
}
