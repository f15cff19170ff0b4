// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What Prometheus wants to know of each process, under the names that all its libraries use.
struct ProcessMetrics: Sendable {
    private let cpu: CounterSeries
    private let memory: GaugeSeries
    private let openDescriptors: GaugeSeries?
    private let maximumDescriptors: GaugeSeries?

    /// `nil` where the system does not tell, as elsewhere than on Linux. What it does not tell is not made.
    init?(counter: (String) -> CounterSeries?, gauge: (String) -> GaugeSeries?) {
        guard let status = ProcessStatus.current(),
            let cpu = counter("process_cpu_seconds"), let memory = gauge("process_resident_memory_bytes")
        else { return nil }
        self.cpu = cpu
        self.memory = memory
        openDescriptors = status.openDescriptors.flatMap { _ in gauge("process_open_fds") }
        maximumDescriptors = status.maximumDescriptors.flatMap { _ in gauge("process_max_fds") }
        gauge("process_start_time_seconds")?.set(status.startTime)
        set(status)
    }

    /// Measures. Costs a few system calls; before Linux 6.2 one more for each few hundred open descriptors.
    func update() {
        if let status = ProcessStatus.current() { set(status) }
    }

    private func set(_ status: ProcessStatus) {
        cpu.set(status.cpuSeconds)
        memory.set(status.residentBytes)
        if let count = status.openDescriptors { openDescriptors?.set(count) }
        if let count = status.maximumDescriptors { maximumDescriptors?.set(count) }
    }
}
