// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("The rates of single clients")
struct AddressRatesTests {
    private static func at(_ seconds: Double) -> Timestamp { Timestamp(nanoseconds: 0).advanced(by: .seconds(seconds)) }
    private static func address(_ number: Int) -> HostAddress { HostAddress(bits: UInt128(number)) }

    @Test("each client has the rate to itself")
    func apart() {
        var rates = AddressRates(EventRate(2), capacity: 10)
        for number in 0..<5 {
            #expect(rates.admit(Self.address(number), at: Self.at(0)) == nil)
            #expect(rates.admit(Self.address(number), at: Self.at(0)) == nil)
            #expect(rates.admit(Self.address(number), at: Self.at(0)) == .milliseconds(500))
        }
        #expect(rates.count == 5)
    }

    @Test("who has come is remembered across generations until its bucket would be full")
    func generations() {
        var rates = AddressRates(EventRate(2), capacity: 10)
        #expect(rates.admit(Self.address(0), at: Self.at(0)) == nil)
        for _ in 0..<2 { #expect(rates.admit(Self.address(1), at: Self.at(0.9)) == nil) }
        // A generation lasts a second.
        #expect(rates.admit(Self.address(1), at: Self.at(1.1)) == .milliseconds(300))
        #expect(rates.count == 2)
        #expect(rates.admit(Self.address(2), at: Self.at(2.2)) == nil)
        #expect(rates.count == 2, "the one of the first generation is forgotten")
        #expect(rates.admit(Self.address(3), at: Self.at(9)) == nil)
        #expect(rates.count == 1, "and all are after a long time")
    }

    @Test("the memory is bounded, and those for whom there is no room share one rate")
    func bounded() {
        var rates = AddressRates(EventRate(2), capacity: 3)
        for number in 0..<3 { #expect(rates.admit(Self.address(number), at: Self.at(0)) == nil) }
        #expect(rates.admit(Self.address(3), at: Self.at(0)) == nil)
        #expect(rates.admit(Self.address(4), at: Self.at(0)) == nil)
        #expect(rates.admit(Self.address(5), at: Self.at(0)) == .milliseconds(500))
        #expect(rates.admit(Self.address(0), at: Self.at(0)) == nil, "who is known keeps its own")
        for number in 6..<1000 { _ = rates.admit(Self.address(number), at: Self.at(Double(number) / 100)) }
        #expect(rates.count <= 6)
        var none = AddressRates(EventRate(1), capacity: 0)
        #expect(none.admit(Self.address(0), at: Self.at(0)) == nil)
        #expect(none.count == 1)
    }
}
