import CTorchAPI
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// libtorch behind `libPonderTorch.so`, opened on first use.
///
/// The shim is looked for in `$PONDER_HOME/lib`, beside the binary and in `../lib/ponder` from it, in that order. A
/// command that needs no tensors never loads it and starts at once. CTorchAPI.h says what loading it changes in the
/// process.
package enum TorchLibrary {
    /// Sets the environment that libtorch reads when it is loaded.
    ///
    /// A program calls this first, before it has a second thread: changing the environment while another thread may
    /// read it is a data race.
    package static func prepareEnvironment() {
        // OpenMP's threads spin while they wait for each other. On a machine that is busy with something else this
        // makes a step many times slower, so they sleep after some microseconds, unless the user has decided otherwise.
        setenv("GOMP_SPINCOUNT", "20000", 0)
    }

    /// Version of libtorch, such as `2.13.0`.
    ///
    /// - Throws: `TorchError` when the library cannot be opened.
    package static func version() throws(TorchError) -> String {
        String(cString: try api().pointee.libtorch_version)
    }

    /// Sets how many threads an operation of the calling thread uses; results depend on it bit for bit.
    package static func setThreads(_ count: Int) throws(TorchError) {
        let api = try api()
        try check("set_threads") { api.pointee.set_threads(Int32(count), $0) }
    }

    /// Threads that an operation of the calling thread uses.
    package static func threads() throws(TorchError) -> Int { Int(try api().pointee.threads()) }

    /// Whether this libtorch sees a CUDA device.
    package static func isCUDAAvailable() throws(TorchError) -> Bool {
        try api().pointee.cuda_available() != 0
    }

    /// Tensors alive in this process.
    ///
    /// If they leak, this count only grows.
    package static func liveTensors() throws(TorchError) -> Int { Int(try api().pointee.live_tensors()) }

    static func api() throws(TorchError) -> UnsafePointer<ponder_torch_api> {
        switch opened {
        case .success(let table): return table.pointer
        case .failure(let error): throw error
        }
    }

    /// The paths where the shim is looked for, in order.
    package static func candidates() -> [String] {
        let name = "libPonderTorch.so"
        var places: [String] = []
        if let home = ProcessInfo.processInfo.environment["PONDER_HOME"] {
            places.append("\(home)/lib/\(name)")
        }
        if let binary = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            let folder = (binary as NSString).deletingLastPathComponent
            places.append("\(folder)/\(name)")
            places.append("\(folder)/../lib/ponder/\(name)")
        }
        return places
    }

    // The table is a constant of the library, which is never closed.
    private struct Table: @unchecked Sendable { let pointer: UnsafePointer<ponder_torch_api> }

    private static let opened: Result<Table, TorchError> = open()

    private static func open() -> Result<Table, TorchError> {
        func failure(_ message: String) -> Result<Table, TorchError> {
            .failure(TorchError(operation: "load", message: message))
        }
        let places = candidates()
        guard let path = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            return failure(
                "libPonderTorch.so is in none of \(places.joined(separator: ", ")); "
                    + "build it with Scripts/build-shim OUT and set PONDER_HOME, or run Scripts/bootstrap and build again"
            )
        }
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            let reason = dlerror().map { String(cString: $0) } ?? "unknown"
            return failure(
                "cannot open \(path): \(reason); is libtorch still where the shim was built against it?")
        }
        guard let symbol = dlsym(handle, "ponder_torch_api_entry") else {
            return failure("\(path) has no ponder_torch_api_entry; build it again with Scripts/build-shim")
        }
        let entry = unsafeBitCast(symbol, to: ponder_torch_api_function.self)
        guard let table = entry(), table.pointee.version == UInt32(PT_API_VERSION) else {
            return failure(
                "\(path) speaks another version than \(PT_API_VERSION); build it again with Scripts/build-shim"
            )
        }
        return .success(Table(pointer: table))
    }

    /// Calls one entry of the table.
    ///
    /// - Throws: `TorchError` with the operands' shapes when the status is not 0.
    static func check(
        _ operation: String, _ operands: [Tensor] = [],
        _ body: (UnsafeMutablePointer<pt_error>) -> Int32
    ) throws(TorchError) {
        var error = pt_error()
        guard body(&error) != 0 else { return }
        let message = withUnsafeBytes(of: &error.message) { bytes in
            String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
        }
        throw TorchError(operation: operation, shapes: operands.map(\.shape), message: message)
    }
}

/// Runs `body` without recording gradients on this thread, and restores the setting afterwards.
package func withoutGradients<Result>(_ body: () throws -> Result) throws -> Result {
    let api = try TorchLibrary.api()
    return try with(false, "set_gradient_enabled", api.pointee.set_gradient_enabled, body)
}

/// Runs `body` with the factors of products rounded to a type; sums, and everything that is not a product, stay
/// float32.
///
/// It applies to `linear` and to the log-probabilities of tokens on the calling thread, forward and backward, as
/// `torch.autocast` does.
package func withProducts<Result>(of type: DType, _ body: () throws -> Result) throws -> Result {
    let api = try TorchLibrary.api()
    return try with(type == .bfloat16, "set_bf16_products", api.pointee.set_bf16_products, body)
}

/// Runs `body` with a setting of the calling thread changed, and restores it afterwards.
private func with<Result>(
    _ value: Bool, _ operation: String,
    _ set: (Int32, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<pt_error>?) -> Int32,
    _ body: () throws -> Result
) throws -> Result {
    var previous: Int32 = 0
    try TorchLibrary.check(operation) { set(value ? 1 : 0, &previous, $0) }
    defer {
        var ignored: Int32 = 0
        var error = pt_error()
        // Restoring a flag cannot fail, and nobody could be told here.
        _ = set(previous, &ignored, &error)
    }
    return try body()
}
