// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension TrustedProxies {
    /// Reads what can be read, as uvicorn does (U-PX-02); `*` is everybody.
    package static func reading(_ texts: [String]) -> (proxies: Self?, rest: [String]) {
        var all: [String] = []
        var rest: [String] = []
        for text in texts {
            if text == "*" {
                all += ["0.0.0.0/0", "::/0", "unix"]
            } else if (try? Self([text])) != nil {
                all.append(text)
            } else {
                rest.append(text)
            }
        }
        return (try? Self(all), rest)
    }
}
