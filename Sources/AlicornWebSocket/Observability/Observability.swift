// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

#if Metrics
import AlicornMetrics
public import Metrics
#endif
#if Tracing
public import Tracing
#endif

/// Where a server or client sends its metrics and its spans.
///
/// What it holds is there only with the package's traits `Metrics` and `Tracing`, which are on unless switched off.
public struct Observability: Sendable {
    #if Metrics
    /// Makes the metrics; `nil` for the factory that `MetricsSystem` was bootstrapped with. Without either nothing is
    /// counted.
    public var metricsFactory: (any MetricsFactory)?
    #endif
    #if Tracing
    /// Makes a span for each connection and carries its context over the wire; `nil` for what `InstrumentationSystem` was
    /// bootstrapped with. Without either there are no spans.
    public var tracer: (any Tracer)?
    #endif

    /// What the process was bootstrapped with.
    public init() {}

    func makeMetrics(_ role: Role) -> (any ConnectionMetrics)? {
        #if Metrics
        EndpointMetrics(role, factory: metricsFactory ?? MetricsSystem.factory)
        #else
        nil
        #endif
    }

    func makeSpans(_ role: Role) -> (any ConnectionSpans)? {
        #if Tracing
        TracedSpans(role, tracer: tracer)
        #else
        nil
        #endif
    }
}
