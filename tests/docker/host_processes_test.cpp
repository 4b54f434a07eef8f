// SPDX-License-Identifier: Apache-2.0
#include "docker/host_processes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

namespace keelson::docker {
namespace {

/// What the control group of this process says: here it stands for the id of a container.
std::string ownGroup()
{
    std::ifstream file("/proc/self/cgroup");
    std::string line;
    std::getline(file, line);
    return line;
}

/// A session of two processes, as an engine begins it for an exec; both wait for ever.
class Session {
public:
    Session()
    {
        int ready[2] = {-1, -1};
        EXPECT_EQ(::pipe(ready), 0);
        m_leader = ::fork();
        if (m_leader == 0) {
            ::setsid();
            if (::fork() >= 0)
                static_cast<void>(!::write(ready[1], "x", 1));
            for (;;)
                ::pause();
        }
        char each = 0;
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(::read(ready[0], &each, 1), 1);
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~Session()
    {
        ::kill(-m_leader, SIGKILL);
        ::waitpid(m_leader, nullptr, 0);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    pid_t leader() const { return m_leader; }
    bool runs() const { return ::waitpid(m_leader, nullptr, WNOHANG) == 0; }

private:
    pid_t m_leader = -1;
};

TEST(HostProcesses, killTheSessionOfAnExecWhole)
{
    const Session session;
    EXPECT_EQ(killSession(session.leader(), ownGroup()), 2U);
    EXPECT_EQ(killSession(1 << 30, ownGroup()), 0U) << "there is no such session";
}

TEST(HostProcesses, touchNothingOfAnotherContainer)
{
    const Session session;
    for (const auto* const id : {"0123456789abcdef0123456789abcdef", ""}) {
        EXPECT_EQ(killSession(session.leader(), id), 0U);
        EXPECT_TRUE(session.runs());
        const auto network = networkOf(session.leader(), id);
        ASSERT_FALSE(network.has_value());
        EXPECT_EQ(network.error().reason, Reason::ServiceUnavailable);
    }
}

TEST(HostProcesses, openTheNetworkOfAProcess)
{
    const Session session;
    const auto network = networkOf(session.leader(), ownGroup());
    ASSERT_TRUE(network.has_value()) << network.error().message;
    struct stat own = {};
    struct stat opened = {};
    EXPECT_EQ(::stat("/proc/self/ns/net", &own), 0);
    EXPECT_EQ(::fstat(network->get(), &opened), 0);
    EXPECT_EQ(own.st_ino, opened.st_ino);
    EXPECT_FALSE(networkOf(1 << 30, ownGroup()).has_value()) << "there is no such process";
}

} // namespace
} // namespace keelson::docker
