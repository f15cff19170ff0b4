// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A metric: all series of one name.
struct MetricFamily: Sendable {
    let kind: MetricKind
    let name: String
    let help: String?
    /// By their labels.
    var series: [String: any MetricSeries] = [:]

    func write(to writer: inout ExpositionWriter) {
        writer.head(kind, name, help: help)
        for (_, series) in series.sorted(by: { $0.key < $1.key }) { series.write(to: &writer) }
    }
}

/// All metrics, so many that they fit, and none that is in another's way.
struct SeriesRegistry: Sendable {
    /// Why a series is not taken.
    enum Refusal: String, Error, CaseIterable {
        /// There is no room for it, or its name and labels are too long.
        case limit
        /// Its name, or that of one of its samples, belongs to a metric of another kind.
        case conflict
    }

    /// How many lines may be added.
    var room: Int
    /// The most that name and labels may come to, in bytes: a label's value may come from outside.
    private let maximumSize = 1024
    /// By their names.
    private var families: [String: MetricFamily] = [:]
    /// To which metric a name of samples belongs.
    private var owners: [String: String] = [:]

    init(room: Int) { self.room = room }

    /// In a stable order.
    var sorted: [MetricFamily] { families.values.sorted { $0.name < $1.name } }

    /// The series with this identity, which is made if there is none.
    mutating func series<Series: MetricSeries>(
        _ identity: SeriesIdentity, help: String?, make: (SeriesIdentity) -> Series
    ) throws(Refusal) -> Series {
        if let family = families[identity.name] {
            guard family.kind == identity.kind else { throw .conflict }
            if let known = family.series[identity.labels] {
                guard let known = known as? Series else { throw .conflict }
                return known
            }
        }
        guard identity.size <= maximumSize else { throw .limit }
        let names = identity.kind.suffixes.map { identity.name + $0 }
        guard names.allSatisfy({ (owners[$0] ?? identity.name) == identity.name }) else { throw .conflict }
        let series = make(identity)
        guard series.lineCount <= room else { throw .limit }
        room -= series.lineCount
        for name in names { owners[name] = identity.name }
        // In place: a copy for each of many series would be quadratic.
        families[
            identity.name, default: MetricFamily(kind: identity.kind, name: identity.name, help: help)
        ].series[identity.labels] = series
        return series
    }

    /// Forgets a series, and makes room for others. Does nothing with one that is not here.
    mutating func remove(_ series: any MetricSeries) {
        let identity = series.identity
        guard families[identity.name]?.series[identity.labels] === series else { return }
        room += series.lineCount
        families[identity.name]?.series[identity.labels] = nil
        guard families[identity.name]?.series.isEmpty == true else { return }
        families[identity.name] = nil
        for suffix in identity.kind.suffixes { owners[identity.name + suffix] = nil }
    }
}
