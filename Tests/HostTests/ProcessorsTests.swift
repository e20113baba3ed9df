import Host
import Testing

@Suite struct ProcessorsTests {
    @Test(arguments: [("0-3,8", 5), ("0", 1), ("0-127", 128), ("2,4,6-7", 4)])
    func `an affinity mask is counted`(list: String, count: Int) {
        #expect(
            Processors.affinity(status: "Name:\tponder\nCpus_allowed_list:\t\(list)\nMems:\t0\n") == count)
    }

    @Test func `without an affinity mask nothing is known of it`() {
        #expect(Processors.affinity(status: "Name:\tponder\n") == nil)
    }

    @Test(
        arguments: [(4, nil, 4), (4, 0.5, 1), (4, 1.5, 2), (2, 8.0, 2), (0, nil, 1)] as [(Int, Double?, Int)])
    func `the smaller of affinity and quota counts, and it is at least one`(
        affinity: Int, quota: Double?, usable: Int
    ) {
        #expect(Processors(online: 128, affinity: affinity, quota: quota).usable == usable)
    }

    @Test func `the limits are named beside the number`() {
        let limited = Processors(online: 128, affinity: 4, quota: 0.5)
        #expect("\(limited)" == "1 of 128 processors (affinity: 4, quota of the cgroup: 0.5)")
        #expect("\(Processors(online: 2, affinity: 2, quota: nil))" == "2 of 2 processors")
    }

    private let unified = "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
    private let first = "36 30 0:31 /docker/ab /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"

    @Test func `version 2 takes the least quota of the group and those above it`() {
        let files = [
            "/sys/fs/cgroup/job/step/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/job/cpu.max": "250000 100000\n",
        ]
        let quota = CgroupQuota.quota(groups: "0::/job/step\n", mounts: unified) { files[$0] }
        #expect(quota == 2.5)
        #expect(CgroupQuota.quota(groups: "0::/\n", mounts: unified) { files[$0] } == nil)
    }

    @Test func `version 1 is read below the root that a container sees`() {
        let folder = "/sys/fs/cgroup/cpu,cpuacct"
        let files = ["\(folder)/cpu.cfs_quota_us": "50000\n", "\(folder)/cpu.cfs_period_us": "100000\n"]
        let groups = "5:memory:/docker/ab\n4:cpu,cpuacct:/docker/ab\n"
        #expect(CgroupQuota.quota(groups: groups, mounts: first) { files[$0] } == 0.5)
        let none = ["\(folder)/cpu.cfs_quota_us": "-1\n", "\(folder)/cpu.cfs_period_us": "100000\n"]
        #expect(CgroupQuota.quota(groups: groups, mounts: first) { none[$0] } == nil)
    }
}
