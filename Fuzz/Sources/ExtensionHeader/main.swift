// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import FuzzDriver

// Sec-WebSocket-Extensions: what parses comes out the same after serialising, no negotiation of it traps, and two sides
// that negotiate agree.
fuzz { bytes in
    guard let input = FuzzInput(bytes) else { return }
    checkAgreement(input)
    // Header values are ISO-8859-1.
    let value = String(String.UnicodeScalarView(input.payload.map { Unicode.Scalar($0) }))
    do throws(InvalidExtensionHeader) {
        let descriptions = try ExtensionHeader.parse(value)
        check(descriptions.count <= ExtensionHeader.limit, "there are no more extensions than the limit")
        check(
            descriptions.allSatisfy { $0.parameters.count <= ExtensionHeader.limit },
            "there are no more parameters than the limit")
        let serialized = ExtensionHeader.serialize(descriptions)
        check((try? ExtensionHeader.parse(serialized)) == descriptions, "what is parsed again is the same")
        for description in descriptions { negotiate(description, input) }
    } catch {
        check((0...value.utf8.count).contains(error.position), "a fault lies in the value")
        check(!error.description.isEmpty, "a fault has a sentence")
    }
}

/// Lets both sides look at an element that neither may have made.
func negotiate(_ description: ExtensionDescription, _ input: FuzzInput) {
    if let accepted = server(input.options.0).accept(description) {
        check(accepted.description.name == description.name, "an answer names what was offered")
        let offered = Set(description.parameters.map(\.name))
        let isFree = ["server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits"]
        for parameter in accepted.description.parameters {
            check(offered.contains(parameter.name) || isFree.contains(parameter.name), "an answer keeps to the offer")
        }
        roundTrip(accepted)
    }
    do throws(ExtensionRefusal) {
        roundTrip(try client(input.options.1).accept(answer: description))
    } catch { check(!error.description.isEmpty, "a refusal has a sentence") }
}

/// What a client offers and a server takes, the client takes too, and both then mean the same.
func checkAgreement(_ input: FuzzInput) {
    let client = client(input.options.1)
    for offer in client.offers {
        guard let answer = server(input.options.0).accept(offer) else { continue }
        do throws(ExtensionRefusal) {
            let agreement = try client.accept(answer: answer.description)
            guard let ours = answer.transform as? PerMessageDeflate,
                let theirs = agreement.transform as? PerMessageDeflate
            else { fatalError("broken: permessage-deflate has its own transform") }
            // A client may compress into less than was agreed, never into more.
            check(ours.sending == theirs.receiving, "what the server sends is what the client expects")
            check(
                theirs.sending.maxWindowBits <= ours.receiving.maxWindowBits
                    && (ours.receiving.contextTakeover || !theirs.sending.contextTakeover),
                "what the client sends is what the server expects")
        } catch {
            let asksTooMuch = answer.description.parameters.contains(.init("client_max_window_bits", "8"))
            check(asksTooMuch, "a client takes the answer to its own offer, unless zlib cannot compress so")
        }
    }
}

/// The transform that was agreed on works; with a window of its own it can read what it wrote.
func roundTrip(_ accepted: AcceptedExtension) {
    guard let transform = accepted.transform as? PerMessageDeflate else { return }
    check(transform.sending.maxWindowBits >= 9, "zlib can compress with what was agreed on")
    let reader = PerMessageDeflate(sending: .init(), receiving: transform.sending)
    let message = Array("agreed, agreed, agreed".utf8)
    var (compressed, restored, position): ([UInt8], [UInt8], Int) = ([], [], 0)
    transform.encode(message.span, endsMessage: true, into: &compressed)
    let progress = try? reader.decode(
        compressed.span, from: &position, endsMessage: true, into: &restored, capacity: 100)
    check(progress == .endOfMessage && restored == message, "what is compressed can be restored")
}

func server(_ options: UInt8) -> ServerPerMessageDeflate {
    ServerPerMessageDeflate(
        serverNoContextTakeover: options & 1 != 0, clientNoContextTakeover: options & 2 != 0,
        serverMaxWindowBits: [nil, 9, 12, 15][Int(options >> 2 & 3)],
        clientMaxWindowBits: [nil, 8, 12, 15][Int(options >> 4 & 3)],
        requireClientMaxWindowBits: options & 64 != 0)
}

func client(_ options: UInt8) -> ClientPerMessageDeflate {
    ClientPerMessageDeflate(
        serverNoContextTakeover: options & 1 != 0, clientNoContextTakeover: options & 2 != 0,
        serverMaxWindowBits: [nil, 8, 12, 15][Int(options >> 2 & 3)],
        clientMaxWindowBits: [.offered, .notOffered, .limited(to: 9), .limited(to: 15)][Int(options >> 4 & 3)])
}
