// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <functional>

class QWidget;

namespace keelson::ui {

/// Waits until the window shows what it should, renders it into a file, and ends the program.
class Screenshot : public QObject {
    Q_OBJECT
public:
    struct Progress {
        bool ready = false;
        QString problem; ///< Not empty: it will never be ready, and why.
    };
    /// `progress` is asked about 30 times a second; after `deadlineMs` the program ends with status 1.
    Screenshot(QWidget& window, QString file, std::function<Progress()> progress, QObject* parent = nullptr);

private:
    void look();
    void save();

    QWidget& m_window;
    QString m_file;
    std::function<Progress()> m_progress;
    QTimer m_timer;
    QElapsedTimer m_elapsed;
    int m_quietRounds = 0;
};

} // namespace keelson::ui
