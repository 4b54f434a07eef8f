// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/processes.h"

#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QRegularExpression>

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef SYS_close_range
#include <linux/close_range.h>
#endif

namespace keelson::localcluster {
namespace {

constexpr qint64 tailBytesMax = 4096;
constexpr Milliseconds killTime{3'000};
constexpr Milliseconds stopTime{3'000};

/// The fields of /proc/PID/stat behind the program's name: state first. Empty when there is no such process.
QList<QByteArray> statOf(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (pid <= 0 || !file.open(QIODevice::ReadOnly))
        return {};
    const auto text = file.readAll();
    return text.mid(text.lastIndexOf(')') + 2).split(' ');
}

constexpr qsizetype startField = 19; // The 22nd of all (proc(5)), counted from the state.

void signalAll(const std::vector<ProcessReference>& processes, int signal)
{
    for (const auto& process : processes) {
        if (isAlive(process))
            ::kill(static_cast<pid_t>(process.pid), signal);
    }
}

/// The end of a log, not before byte `from`.
QStringList tailOf(const QString& logFile, qint64 from)
{
    QFile file(logFile);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    file.seek(std::max(from, file.size() - tailBytesMax));
    return QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

/// The message of a log line: of dockerd's `time="..." level=... msg="..."` and of our own `TIME LEVEL component: ...`.
QString withoutFields(const QString& line)
{
    static const QRegularExpression docker(QStringLiteral(R"re(\bmsg="((?:[^"\\]|\\.)*)")re"));
    static const QRegularExpression own(QStringLiteral(R"(^\d{4}-\d\d-\d\dT\S+ (?:debug|info|warning|error) )"));
    if (const auto match = docker.match(line); match.hasMatch())
        return match.captured(1).replace(QLatin1String("\\\""), QLatin1String("\""));
    auto plain = line;
    plain.remove(own);
    return plain;
}

/// The programs must not hold what the caller has open, such as a lock or the end of a pipe. Marked in this process,
/// since QProcess calls no modifier in a detached child; nothing that it starts needs more than the standard ones.
void passOnlyStandardDescriptors()
{
    constexpr unsigned first = 3;
#ifdef SYS_close_range
    if (::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
#endif
    const auto descriptors = ::sysconf(_SC_OPEN_MAX);
    for (int each = first; each < descriptors; ++each)
        ::fcntl(each, F_SETFD, FD_CLOEXEC);
}

} // namespace

ProcessReference processOf(qint64 pid)
{
    const auto fields = statOf(pid);
    if (fields.size() <= startField || fields[0] == "Z" || fields[0] == "X")
        return {};
    return {pid, fields[startField].toLongLong()};
}

bool isAlive(const ProcessReference& process)
{
    return process.pid > 0 && processOf(process.pid) == process;
}

bool isStopped(const ProcessReference& process)
{
    const auto fields = statOf(process.pid);
    return isAlive(process) && !fields.isEmpty() && fields[0] == "T";
}

Result<ProcessReference> startDetached(const ProgramCall& call)
{
    if (!QFileInfo(call.program).isExecutable())
        return fail(Reason::NotFound, fmt::format("{} is not there or cannot be run", call.program.toStdString()));
    QProcess process;
    process.setProgram(call.program);
    process.setArguments(call.arguments);
    process.setWorkingDirectory(call.folder);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardOutputFile(call.logFile, QIODevice::Append);
    passOnlyStandardDescriptors();
    qint64 pid = 0;
    if (!process.startDetached(&pid))
        return fail(Reason::InternalError, fmt::format("cannot start {}: {}", call.program.toStdString(),
                                                       process.errorString().toStdString()));
    auto reference = processOf(pid);
    if (reference.pid == 0)
        reference = {pid, -1}; // It has ended already: never alive.
    return reference;
}

bool endAll(const std::vector<ProcessReference>& processes, Milliseconds grace, Patience& patience)
{
    const auto gone = [&] { return std::ranges::none_of(processes, isAlive); };
    signalAll(processes, SIGTERM);
    signalAll(processes, SIGCONT);
    if (patience.wait(gone, grace))
        return true;
    signalAll(processes, SIGKILL);
    return patience.wait(gone, killTime);
}

bool stopAll(const std::vector<ProcessReference>& processes, Patience& patience)
{
    const auto still = [&] {
        return std::ranges::all_of(processes, [](const auto& each) { return isStopped(each) || !isAlive(each); });
    };
    signalAll(processes, SIGSTOP);
    return patience.wait(still, stopTime);
}

void continueAll(const std::vector<ProcessReference>& processes)
{
    signalAll(processes, SIGCONT);
}

QString lastWords(const QString& logFile, qint64 from)
{
    const auto lines = tailOf(logFile, from);
    return lines.isEmpty() ? QString() : withoutFields(lines.last());
}

QString lastLines(const QString& logFile, int lines)
{
    auto all = tailOf(logFile, 0);
    if (all.size() > lines)
        all = all.mid(all.size() - lines);
    return all.join(QLatin1Char('\n'));
}

} // namespace keelson::localcluster
