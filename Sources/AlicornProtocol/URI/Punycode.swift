// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The encoding of Unicode host labels in ASCII (RFC 3492); only the direction that a client needs.
enum Punycode {
    /// The encoding of `label` without the `xn--` that marks it in a host name.
    ///
    /// Time is quadratic in the length: callers bound it (a host label has no room for more than 63 characters).
    ///
    /// - Returns: `nil` where the arithmetic would overflow, which labels of that length cannot cause.
    static func encode(_ label: some Collection<Unicode.Scalar>) -> String? {
        let points = label.map(\.value)
        var output = String(String.UnicodeScalarView(label.lazy.filter(\.isASCII)))
        let basicCount = output.utf8.count
        if basicCount > 0 { output += "-" }

        // RFC 3492 §6.3.
        var (point, delta, bias) = (firstPoint, 0 as UInt32, initialBias)
        var handled = basicCount
        while let next = points.lazy.filter({ $0 >= point }).min(), handled < points.count {
            let (product, productOverflows) = (next - point).multipliedReportingOverflow(by: UInt32(handled + 1))
            let (sum, sumOverflows) = delta.addingReportingOverflow(product)
            // RFC 3492 §6.4 demands the check. Room is left for the passes over characters below `next`.
            guard !productOverflows, !sumOverflows, sum < .max - UInt32(clamping: points.count) else { return nil }
            (delta, point) = (sum, next)
            for candidate in points {
                if candidate < point { delta += 1 }
                guard candidate == point else { continue }
                output += variableLengthInteger(delta, bias: bias)
                bias = adapt(delta, characterCount: UInt32(handled + 1), isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            point += 1
        }
        return output
    }

    /// RFC 3492 §5.
    private static let (base, minimumThreshold, maximumThreshold) = (36 as UInt32, 1 as UInt32, 26 as UInt32)
    private static let (skew, damping, initialBias, firstPoint) = (
        38 as UInt32, 700 as UInt32, 72 as UInt32, 0x80 as UInt32
    )

    /// RFC 3492 §3.3.
    private static func variableLengthInteger(_ value: UInt32, bias: UInt32) -> String {
        var (rest, position, text) = (value, base, "")
        while true {
            let threshold = position <= bias ? minimumThreshold : min(position - bias, maximumThreshold)
            guard rest >= threshold else { break }
            text += digit(threshold + (rest - threshold) % (base - threshold))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        return text + digit(rest)
    }

    /// RFC 3492 §6.1.
    private static func adapt(_ delta: UInt32, characterCount: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / damping : delta / 2
        delta += delta / characterCount
        var divisions: UInt32 = 0
        while delta > (base - minimumThreshold) * maximumThreshold / 2 {
            delta /= base - minimumThreshold
            divisions += base
        }
        return divisions + (base - minimumThreshold + 1) * delta / (delta + skew)
    }

    /// `a` to `z` are 0 to 25, `0` to `9` are 26 to 35 (RFC 3492 §5).
    private static func digit(_ value: UInt32) -> String {
        let letter = UInt8(truncatingIfNeeded: value)
        return String(Unicode.Scalar(letter < 26 ? UInt8(ascii: "a") + letter : UInt8(ascii: "0") + (letter - 26)))
    }
}
