// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct FieldIndexTests {
    @Test("fields are found in any case, counted, and the first one's value is kept")
    func finds() throws {
        var fields = HeaderFields()
        for (name, value) in [
            ("HOST", "a"), ("host", "b"), ("Hast", "x"), ("Expect", "c"), ("upgrade", "d"), ("DATE", "g"),
            ("Connection", "e, CLOSE, keep-alivx"),
            ("Content-Length", "5"), ("Transfer-Encoding", "f"), ("Transfer-encodings", "x"), ("Upgrada", "x"),
        ] {
            try fields.append(name: name, value: value)
        }
        let index = FieldIndex(fields)
        #expect(index.host.count == 2)
        #expect(fields.text(index.host.value) == "a")
        #expect(fields.text(index.expect.value) == "c")
        #expect(fields.text(index.contentLength.value) == "5")
        #expect(fields.text(index.transferEncoding.value) == "f")
        #expect(index.hasDate && index.hasUpgrade && index.hasClose && !index.hasUpgradeOption && !index.hasKeepAlive)
    }

    @Test("nothing is found in other fields")
    func findsNothing() throws {
        var fields = HeaderFields()
        for name in ["Hosts", "X-Expect", "Upgrada", "Connectiom", "Content_Length", "Transfer_Encoding"] {
            try fields.append(name: name, value: "x")
        }
        let index = FieldIndex(fields)
        #expect(index.host.count + index.expect.count + index.contentLength.count + index.transferEncoding.count == 0)
        #expect(!index.hasUpgrade && !index.hasClose && !index.hasDate)
    }

    @Test("a single name is found in any case, and an element of its list")
    func occurrence() throws {
        var fields = HeaderFields()
        try fields.append(name: "X-List", value: "a, Token ;q=1")
        try fields.append(name: "X-Lisp", value: "token")
        try fields.append(name: "x-list", value: "b,,TOKEN")
        #expect(fields.occurrence(of: "x-list").count == 2)
        #expect(fields.text(fields.occurrence(of: "x-list").value) == "a, Token ;q=1")
        #expect(fields.occurrence(of: "x").count == 0)
        #expect(fields.lists("token", in: "x-list") && fields.lists("a", in: "x-list"))
        #expect(!fields.lists("toke", in: "x-list") && !fields.lists("token", in: "x-lists"))
    }

    @Test("the options of Connection are found in all its fields (RFC 9110 §7.6.1)")
    func options() throws {
        var fields = HeaderFields()
        try fields.append(name: "Connection", value: "Keep-Alive,, x")
        try fields.append(name: "connection", value: "closed, upgrade ,upgradx, clos, close x")
        let index = FieldIndex(fields)
        #expect(index.hasKeepAlive && index.hasUpgradeOption && !index.hasClose && !index.hasUpgrade)
    }
}
