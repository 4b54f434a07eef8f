// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/screenshot.h"

#include <QCursor>
#include <QFile>
#include <QGuiApplication>
#include <QPixmap>
#include <QWidget>

#include <cstdio>

namespace keelson::ui {

namespace {

constexpr int lookMs = 30;
constexpr int deadlineMs = 30'000;
constexpr int quietRoundsWanted = 12; // so that the last batch is laid out and painted

} // namespace

Screenshot::Screenshot(QWidget& window, QString file, std::function<Progress()> progress, QObject* parent)
    : QObject(parent), m_window(window), m_file(std::move(file)), m_progress(std::move(progress))
{
    if (QGuiApplication::platformName() == QLatin1String("offscreen"))
        QCursor::setPos(m_window.geometry().bottomRight() + QPoint(1, 1)); // nothing is pointed at in the picture
    m_elapsed.start();
    m_timer.setInterval(lookMs);
    connect(&m_timer, &QTimer::timeout, this, &Screenshot::look);
    m_timer.start();
}

void Screenshot::look()
{
    const auto now = m_progress();
    auto problem = now.problem;
    if (problem.isEmpty() && !now.ready && m_elapsed.elapsed() > deadlineMs)
        problem = tr("the page had no data after %1 seconds").arg(deadlineMs / 1000);
    if (!problem.isEmpty()) {
        m_timer.stop();
        std::fprintf(stderr, "keelson: %s\n", qUtf8Printable(problem));
        QCoreApplication::exit(1);
        return;
    }
    m_quietRounds = now.ready ? m_quietRounds + 1 : 0;
    if (m_quietRounds >= quietRoundsWanted) {
        m_timer.stop();
        save();
    }
}

void Screenshot::save()
{
    QFile file(m_file);
    if (file.open(QIODevice::WriteOnly) && m_window.grab().save(&file, "PNG") && file.flush()) {
        QCoreApplication::exit(0);
        return;
    }
    std::fprintf(stderr, "keelson: cannot write %s: %s\n", qUtf8Printable(m_file), qUtf8Printable(file.errorString()));
    QCoreApplication::exit(1);
}

} // namespace keelson::ui
