// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace keelson::ui {

/// What a page shows when it has nothing to show: a drawing, a sentence, and one button that does the obvious thing.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(QWidget* parent = nullptr);

    /// `button` empty: no button.
    void set(const QString& icon, const QString& title, const QString& text, const QString& button = {});

    QSize minimumSizeHint() const override;

signals:
    void activated();

protected:
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void recolour();
    void fitText();

    QString m_name;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_button;
};

} // namespace keelson::ui
