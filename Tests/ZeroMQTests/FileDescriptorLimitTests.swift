import Glibc
import Testing
import ZeroMQ

struct `File descriptors` {
    @Test func `a limit that is too low is a clear refusal, not an abort`() async {
        await #expect(processExitsWith: .exitCode(4)) {
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(1) }
            do throws(FileDescriptorShortage) {
                try FileDescriptorLimit.ensure(200)
            } catch {
                let text = error.description
                exit(text.contains("may open 64 files") && text.contains("ulimit -n 4096") ? 4 : 2)
            }
            exit(3)
        }
    }

    @Test func `a soft limit is raised as far as is needed`() async {
        await #expect(processExitsWith: .exitCode(4)) {
            // The process of the tests hands down the descriptors that other tests have open.
            let open = rlim_t(FileDescriptorLimit.openCount())
            var limit = rlimit(rlim_cur: open + 64, rlim_max: open + 1024)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(1) }
            guard (try? FileDescriptorLimit.ensure(200)) != nil else { exit(2) }
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(1) }
            exit(limit.rlim_cur >= open + 200 && limit.rlim_cur < open + 1024 ? 4 : 3)
        }
    }

    @Test func `using up every descriptor makes opening fail, not abort`() async {
        await #expect(processExitsWith: .exitCode(4)) {
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(1) }
            var opened: [Socket] = []
            do {
                let context = try Context()
                for _ in 0..<200 { opened.append(try Socket(.dealer, in: context)) }
            } catch ZeroMQError.Code.tooManyFiles {
                exit(4)
            } catch {
                exit(2)
            }
            exit(3)
        }
    }
}
