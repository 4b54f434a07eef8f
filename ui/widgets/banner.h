// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"
#include "models/status.h"

#include <QFrame>

#include <functional>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace keelson::ui {

/// A quiet line at the top of a page that says what went wrong, and stays until it is dismissed or put right.
class Banner : public QFrame {
    Q_OBJECT
public:
    explicit Banner(QWidget* parent = nullptr);

    void showError(const QString& what, const Error& error);
    void showMessage(StatusRole role, const QString& title, const QString& detail);
    void setRetryVisible(bool visible);
    /// Offers what else can be done about this message; gone with the next one.
    void offer(const QString& text, std::function<void()> run);
    QString text() const;

signals:
    void retry();
    void dismissed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    StatusRole m_role = StatusRole::Error;
    QLabel* m_title;
    QLabel* m_detail;
    QPushButton* m_retry;
    QHBoxLayout* m_actions;
};

/// "Forbidden: pods is forbidden: ..." in one line.
QString errorLine(const Error& error);

} // namespace keelson::ui
